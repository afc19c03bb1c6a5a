import postgres, { type Sql } from 'postgres';
import type { Connection, Row, Session } from '../connection.ts';
import { within } from '../deadline.ts';
import { ServerEar } from './server-ear.ts';
import { type ServerName, serverError, serverName } from './server-error.ts';
import { valueTypes } from './values.ts';

const connectTimeoutSeconds = 5;
const closeTimeoutSeconds = 5;
/** The server stops a statement that takes too long itself; this much later it is taken for dead. */
const serverGraceMs = 1_000;

export interface ServerSettings {
  readonly url: string;
  readonly statementTimeoutMs: number;
  readonly maxConnections: number;
}

/** A connection that knows whom it talks to. */
export type ServerConnection = Connection & { readonly server: ServerName };

type Client = Pick<Sql, 'unsafe'>;
type Run = <T>(work: PromiseLike<T>) => Promise<T>;

/** A server as a connection: a pool of postgres.js, connected when first used. */
export function serverConnection({ url, statementTimeoutMs, maxConnections }: ServerSettings): ServerConnection {
  const server = serverName(url);
  const client = postgres(url, {
    max: maxConnections,
    connect_timeout: connectTimeoutSeconds,
    onnotice: () => undefined,
    connection: { application_name: 'agent-cache', options: startOptions(statementTimeoutMs) },
    types: valueTypes,
  });
  const run: Run = async (work) => {
    try {
      return await within(statementTimeoutMs + serverGraceMs, work);
    } catch (error) {
      throw serverError(error, server);
    }
  };
  const ear = new ServerEar(url);
  return {
    server,
    ...sessionOf(client, run),
    transaction: (work) => transact(client, server, run, work),
    maintain: (statement) => maintain(client, server, statement),
    listen: (channel, listener) => ear.listen(channel, listener),
    close: async () => {
      ear.close();
      await client.end({ timeout: closeTimeoutSeconds });
    },
  };
}

/**
 * As options of the connection, because `set` would need a statement, and a transaction to last no longer than it should. Statements are
 * planned once: all are found by keys, so their values change no plan, and planning them anew took a third of a lookup.
 */
function startOptions(statementTimeoutMs: number): string {
  const settings = {
    'hnsw.iterative_scan': 'relaxed_order',
    'hnsw.ef_search': 40,
    plan_cache_mode: 'force_generic_plan',
    // Compiling a statement takes longer than any of ours.
    jit: 'off',
    statement_timeout: statementTimeoutMs,
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

function sessionOf(client: Client, run: Run): Session {
  return {
    query: (text, parameters, arrays) => {
      // What cannot be serialised is refused by the driver when it sends it.
      const statement = client.unsafe(text, [...parameters] as never[], { prepare: true });
      return run<readonly Row[]>(arrays ? (statement.values() as PromiseLike<readonly Row[]>) : statement);
    },
    script: async (text) => {
      await run(client.unsafe(text));
    },
  };
}

async function transact<T>(
  client: Sql,
  server: ServerName,
  run: Run,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  let failure: { readonly error: unknown } | undefined;
  try {
    // In an array: postgres.js would wait for the items of one that it is given.
    const [result] = await client.begin(async (inner) => {
      try {
        return [await work(sessionOf(inner as unknown as Client, run))] as const;
      } catch (error) {
        failure = { error };
        throw error;
      }
    });
    return result as T;
  } catch (error) {
    // The work's own error is the caller's; all others are the server's.
    throw failure === undefined ? serverError(error, server) : failure.error;
  }
}

async function maintain(client: Sql, server: ServerName, statement: string): Promise<void> {
  try {
    const reserved = await client.reserve();
    try {
      await reserved.unsafe('set statement_timeout = 0');
      await reserved.unsafe(statement);
    } finally {
      await reserved.unsafe('reset statement_timeout').catch(() => undefined);
      reserved.release();
    }
  } catch (error) {
    throw serverError(error, server);
  }
}
