import { createServer } from 'node:net';
import { channels, type ErrorMessage } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../database.ts';
import { migrations } from '../migrations.ts';
import { openPostgres } from '../open-postgres.ts';
import { createTestServerDatabase, openTestServer } from '../test-database.ts';

const secret = 'hunter2';

function eventsOf(): ErrorMessage[] {
  const events: ErrorMessage[] = [];
  const listener = (message: ErrorMessage): unknown => events.push(message);
  channels.error.subscribe(listener);
  onTestFinished(() => channels.error.unsubscribe(listener));
  return events;
}

/** A server that answers every start of a connection with this error. */
async function refusing(sqlState: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const body = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0Mrefused for the test\0\0`);
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeUInt32BE(body.length + 4, 1);
      socket.end(Buffer.concat([head, body]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `postgres://ann:${secret}@127.0.0.1:${port}/shop`;
}

async function failureOf(url: string): Promise<Error> {
  const opened = await openPostgres({ url }).then(
    (database) => database.close().then(() => undefined),
    (error: Error) => error,
  );
  if (opened === undefined) throw new Error('it opened');
  return opened;
}

describe('a server that cannot be used says why, without its password', () => {
  test.for([
    ['28P01', 'ERR_PG_SEMANTIC_REFUSED', 'ann'],
    ['28000', 'ERR_PG_SEMANTIC_REFUSED', 'ann'],
    ['3D000', 'ERR_PG_SEMANTIC_NO_DATABASE', 'shop'],
    ['53300', 'ERR_PG_SEMANTIC_UNREACHABLE', '127.0.0.1'],
    ['57P03', 'ERR_PG_SEMANTIC_UNREACHABLE', '127.0.0.1'],
    ['53100', 'ERR_PG_SEMANTIC_DISK_FULL', '127.0.0.1'],
  ] as const)('SQLSTATE %s is %s', async ([sqlState, code, named]) => {
    const error = await failureOf(await refusing(sqlState));
    expect(error).toMatchObject({ code, sqlState });
    expect(error.message).toContain(named);
    expect(`${error.message} ${error.stack}`).not.toContain(secret);
  });

  test('a port where nobody listens is unreachable, and worth another try', async () => {
    const error = await failureOf(`postgres://ann:${secret}@127.0.0.1:1/shop`);
    expect(error).toMatchObject({ code: 'ERR_PG_SEMANTIC_UNREACHABLE', retriable: true });
    expect(error.message).not.toContain(secret);
  });

  test('what is no URL of a Postgres is a TypeError that does not repeat it', async () => {
    for (const url of [`mysql://ann:${secret}@host/shop`, `ann:${secret}`]) {
      const error = await failureOf(url);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toContain(secret);
    }
  });
});

test('options that contradict each other are refused with their names', async () => {
  const url = 'postgres://host/database';
  await expect(openPostgres({ url: undefined })).rejects.toThrow(/"url" is undefined.*"dataDir"/);
  await expect(openPostgres({ url, dataDir: '.' })).rejects.toThrow(/"url".*"dataDir"/);
  await expect(openPostgres({ replicas: [url] })).rejects.toThrow(/"replicas".*"url"/);
  await expect(openPostgres({ url, statementTimeoutMs: 0 })).rejects.toThrow(/"statementTimeoutMs"/);
  await expect(openPostgres({ url, maxConnections: 1.5 })).rejects.toThrow(/"maxConnections"/);
});

const native = process.env.DATABASE_URL;

// Not skipped but absent without a server: the embedded Postgres runs the same suites.
if (native !== undefined)
  describe('a real server', () => {
    let url: string;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      ({ url, drop } = await createTestServerDatabase(native));
    });
    afterAll(() => drop());

    async function open(options: Omit<Parameters<typeof openPostgres>[0] & object, 'url'> = {}): Promise<Database> {
      const database = await openPostgres({ url, ...options });
      onTestFinished(() => database.close());
      return database;
    }

    async function rowsOf(database: Database, statement: ReturnType<typeof sql>): Promise<unknown[]> {
      return Array.from((await database.primary.execute(statement)) as unknown as Iterable<unknown>);
    }

    test('four that open an empty database at once make each table once', async () => {
      const databases = await Promise.all(Array.from({ length: 4 }, () => open()));
      const applied = await rowsOf(databases[0] as Database, sql`select id from agent_cache.ac_migration order by id`);
      expect(applied).toEqual(migrations.map(({ id }) => ({ id })));
      expect(databases.map(({ kind, lags }) => [kind, lags])).toEqual(Array(4).fill(['server', false]));
    });

    test('connections scan iteratively, in relaxed order', async () => {
      expect(await rowsOf(await open(), sql`show hnsw.iterative_scan`)).toEqual([
        { 'hnsw.iterative_scan': 'relaxed_order' },
      ]);
    });

    test('a statement that takes too long is ended; maintenance may take its time', async () => {
      const database = await open({ statementTimeoutMs: 100 });
      await expect(database.primary.execute(sql`select pg_sleep(5)`)).rejects.toMatchObject({
        code: 'ERR_PG_SEMANTIC_TIMEOUT',
        retriable: true,
      });
      await database.maintain('select pg_sleep(0.3)');
      await expect(database.primary.execute(sql`select pg_sleep(5)`)).rejects.toMatchObject({ sqlState: '57014' });
    });

    test('a connection that ends in the middle of a statement is told as such, and and later ones work', async () => {
      const [database, other] = [await open({ maxConnections: 1 }), await open()];
      const [{ pid } = { pid: 0 }] = (await rowsOf(database, sql`select pg_backend_pid() as pid`)) as { pid: number }[];
      const sleeping = (async () => database.primary.execute(sql`select pg_sleep(30)`))();
      sleeping.catch(() => undefined);
      await eventually('the statement runs', async () => {
        const running = await rowsOf(
          other,
          sql`select 1 from pg_stat_activity where pid = ${pid} and query like '%sleep(30)%'`,
        );
        return running.length > 0;
      });
      await rowsOf(other, sql`select pg_terminate_backend(${pid})`);
      await expect(sleeping).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_INTERRUPTED', retriable: true });
      // Until the dead connection is closed, the next statement can still be given to it.
      const again = (): Promise<unknown> => rowsOf(database, sql`select 1 as one`).catch(() => undefined);
      expect(await eventually('the next one works', again)).toEqual([{ one: 1 }]);
    });

    test('who listens is told when notifications may be lost, and when they come again', async () => {
      const database = await open();
      const told: string[] = [];
      const stop = database.listen('test_news', {
        note: (text) => told.push(text),
        up: () => told.push('up'),
        down: () => told.push('down'),
      });
      await eventually('it listens', () => told.includes('up'));
      await rowsOf(database, sql`select pg_notify('test_news', 'one')`);
      await eventually('the note is heard', () => told.includes('one'));
      await rowsOf(
        database,
        sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'agent-cache listener' and datname = current_database()`,
      );
      await eventually('it listens again', () => told.join() === 'up,one,down,up');
      await rowsOf(database, sql`select pg_notify('test_news', 'two')`);
      await eventually('the note is heard', () => told.at(-1) === 'two');
      stop();
    });

    test('whoever begins to listen while the first still waits for the server hears as well', async () => {
      const database = await open();
      const heard = new Map<string, string[]>();
      const stops: (() => void)[] = [];
      const listen = (channel: string): void => {
        const told: string[] = [];
        heard.set(channel, told);
        stops.push(
          database.listen(channel, {
            note: (text) => told.push(text),
            up: () => told.push('up'),
            down: () => told.push('down'),
          }),
        );
      };
      listen('first');
      listen('second');
      for (const channel of ['third', 'fourth', 'fifth']) {
        await rowsOf(database, sql`select 1`);
        listen(channel);
      }
      await eventually('all are told', () => [...heard.values()].every((told) => told.includes('up')));
      for (const channel of heard.keys()) await rowsOf(database, sql`select pg_notify(${channel}, 'news')`);
      await eventually('all hear', () => [...heard.values()].every((told) => told.join() === 'up,news'));
      for (const stop of stops) stop();
    });

    test('a replica that is down is skipped for a while, with an event, and its reads are answered all the same', async () => {
      const events = eventsOf();
      const database = await open({ replicas: [url, 'postgres://127.0.0.1:1/gone'] });
      expect(database.lags).toBe(true);
      for (let round = 0; round < 6; round += 1) {
        expect(Array.from((await database.reader().execute(sql`select 1 as one`)) as never)).toEqual([{ one: 1 }]);
      }
      expect(events.filter(({ operation }) => operation === 'replica').map(({ code }) => code)).toEqual([
        'ERR_PG_SEMANTIC_UNREACHABLE',
      ]);
    });

    test('a database that does not exist, and a user who does not', async () => {
      const missing = Object.assign(new URL(url), { pathname: '/no_such_database' }).href;
      expect(await failureOf(missing)).toMatchObject({ code: 'ERR_PG_SEMANTIC_NO_DATABASE' });
      const stranger = Object.assign(new URL(url), { username: 'no_such_user', password: secret }).href;
      const error = await failureOf(stranger);
      expect(error).toMatchObject({ code: 'ERR_PG_SEMANTIC_REFUSED' });
      expect(error.message).not.toContain(secret);
    });

    test('a server that takes no writes is refused as primary', async () => {
      const database = await open();
      const name = new URL(url).pathname.slice(1);
      await database.maintain(`alter database ${name} set default_transaction_read_only = on`);
      expect(await failureOf(url)).toMatchObject({ code: 'ERR_PG_SEMANTIC_READ_ONLY' });
      await database.maintain(`alter database ${name} reset default_transaction_read_only`);
    });

    test('a newer schema than this version knows is left alone', async () => {
      const newer = await openTestServer(native as string);
      onTestFinished(() => newer.close());
      await newer.primary.execute(sql`insert into agent_cache.ac_migration values (9999, 'from the future')`);
      const [{ name } = { name: '' }] = (await rowsOf(newer, sql`select current_database() as name`)) as {
        name: string;
      }[];
      const error = await failureOf(Object.assign(new URL(native as string), { pathname: `/${name}` }).href);
      expect(error).toMatchObject({ code: 'ERR_PG_SEMANTIC_NEWER_SCHEMA' });
    });
  });
