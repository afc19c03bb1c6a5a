import postgres, { type ReservedSql, type Sql } from 'postgres';
import type { Connection, Row, Session } from '../connection.ts';

type Client = Pick<Sql, 'unsafe'>;

/** A server as a connection: a pool of postgres.js. */
export function serverConnection(url: string): Connection {
  const client = postgres(url, {
    onnotice: () => undefined,
    connection: { options: '-c hnsw.iterative_scan=relaxed_order -c hnsw.ef_search=100' },
    types: {
      // The same values as the embedded Postgres hands out.
      bigint: { to: 20, from: [20], serialize: String, parse: integerOf },
      bytea: { to: 17, from: [17], serialize: hexOf, parse: bytesOf },
      json: { to: 114, from: [114, 3802], serialize: jsonOf, parse: JSON.parse },
      date: { to: 1184, from: [1082, 1114, 1184], serialize: String, parse: String },
    },
  });
  return {
    ...sessionOf(client as Client),
    transaction: async (work) => {
      const box: { result?: Awaited<ReturnType<typeof work>> } = {};
      await client.begin(async (inner) => {
        box.result = await work(sessionOf(inner as Client));
      });
      return box.result as Awaited<ReturnType<typeof work>>;
    },
    maintain: async (statement) => {
      const reserved: ReservedSql = await client.reserve();
      try {
        await reserved.unsafe('set statement_timeout = 0');
        await reserved.unsafe(statement);
        await reserved.unsafe('reset statement_timeout');
      } finally {
        reserved.release();
      }
    },
    close: () => client.end({ timeout: 5 }),
  };
}

function sessionOf(client: Client): Session {
  return {
    query: async (text, parameters, arrays) => {
      // The driver takes what postgres.js can serialise, and says so when it cannot.
      const statement = client.unsafe(text, [...parameters] as never[], { prepare: true });
      return (await (arrays ? statement.values() : statement)) as readonly Row[];
    },
    script: async (text) => {
      await client.unsafe(text);
    },
  };
}

function integerOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function hexOf(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
}

function jsonOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
