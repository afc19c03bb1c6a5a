import { randomUUID } from 'node:crypto';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { EmbeddedConnection } from './embedded/embedded-connection.ts';
import { privateEngine } from './embedded/private-engine.ts';
import { opened, openServer } from './open-postgres.ts';
import { serverConnection } from './server/server-connection.ts';
import { testSnapshot } from './test-snapshot.ts';

const settings = { statementTimeoutMs: 20_000, maxConnections: 10 };

/**
 * An empty database with all tables, for one test file: in memory, or a fresh one on the server that DATABASE_URL names. The embedded one starts
 * from an archive that the first test to need it leaves in the temporary directory: making a database from nothing takes seconds.
 */
export async function openTestDatabase(): Promise<Database> {
  const { DATABASE_URL: url } = process.env;
  return url ? openTestServer(url) : openTestEmbedded();
}

/** The embedded one, whatever DATABASE_URL says. */
async function openTestEmbedded(): Promise<Database> {
  return opened(
    'embedded',
    new EmbeddedConnection(await privateEngine({ snapshot: await testSnapshot() }), settings.statementTimeoutMs),
    [],
  );
}

/** A fresh database on a server; dropped when it is closed. */
export async function openTestServer(url: string): Promise<Database> {
  const { url: fresh, drop } = await createTestServerDatabase(url);
  const database = await openServer(serverConnection({ ...settings, url: fresh }), []);
  return {
    ...database,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}

/** Creates an empty database on a server. */
export async function createTestServerDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `ac_test_${randomUUID().replaceAll('-', '')}`;
  await withServer(url, (connection) => connection.maintain(`create database ${name}`));
  return {
    url: Object.assign(new URL(url), { pathname: `/${name}` }).href,
    drop: () => withServer(url, (connection) => connection.maintain(`drop database if exists ${name} with (force)`)),
  };
}

async function withServer(url: string, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = serverConnection({ ...settings, url });
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}
