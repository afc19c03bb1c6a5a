import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { drizzleOver } from './drizzle-over.ts';
import { EmbeddedConnection } from './embedded/embedded-connection.ts';
import { privateEngine } from './embedded/private-engine.ts';
import { sharedEngine } from './embedded/shared-engine.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { type Replica, replicaOf } from './server/replica.ts';
import { type ServerConnection, serverConnection } from './server/server-connection.ts';
import { readOnlyError } from './server/server-error.ts';
import { checkedVectorVersion } from './vector-version.ts';

/** What `openPostgres` opens. */
export interface OpenPostgresOptions {
  /**
   * A server: `postgres://user:password@host:port/database?sslmode=require`. An `undefined` that is given needs a `dataDir` to fall back on.
   * @default the embedded Postgres
   */
  readonly url?: string | undefined;
  /**
   * Servers that follow `url`: reads that may lag go to them, one after the other; one that fails is left alone for ten seconds.
   * @default none
   */
  readonly replicas?: readonly string[] | undefined;
  /**
   * Directory of the embedded Postgres; made when it is not there, for this user only. Processes of one machine that name the same directory
   * share the database.
   * @default in memory: private to this call and gone with it
   */
  readonly dataDir?: string | undefined;
  /**
   * A statement that takes longer fails. Migrations and index builds are exempt.
   * @default 30_000
   */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Connections to each server.
   * @default 10
   */
  readonly maxConnections?: number | undefined;
}

/**
 * Opens a Postgres with pgvector and brings its tables up to date.
 *
 * @throws TypeError for options that contradict each other
 * @throws PostgresError when it cannot be used; its `code` tells why
 */
export async function openPostgres(options: OpenPostgresOptions = {}): Promise<Database> {
  check(options);
  const { url, dataDir, replicas = [], statementTimeoutMs = 30_000, maxConnections = 10 } = options;
  if (url === undefined) return openEmbedded(dataDir, statementTimeoutMs);
  const connect = (one: string): ServerConnection => serverConnection({ url: one, statementTimeoutMs, maxConnections });
  const primary = connect(url);
  return openServer(primary, replicas.map(connect));
}

function check(options: OpenPostgresOptions): void {
  const { url, dataDir, replicas = [], statementTimeoutMs = 1, maxConnections = 1 } = options;
  if ('url' in options && url === undefined && dataDir === undefined) {
    // What such a program stores would be gone with it, and nobody would know.
    throw new TypeError(
      'openPostgres: "url" is undefined; is its environment variable set? Leave "url" out for a database in memory, or give "dataDir" for one on disk',
    );
  }
  if (url !== undefined && dataDir !== undefined) {
    throw new TypeError('openPostgres: "url" names a server and "dataDir" the embedded Postgres; give one of them');
  }
  if (url === undefined && replicas.length > 0) {
    throw new TypeError('openPostgres: "replicas" follow the server at "url"; give "url" too, or no replicas');
  }
  for (const [name, value] of Object.entries({ statementTimeoutMs, maxConnections })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new TypeError(`openPostgres: "${name}" must be a whole number above 0, not ${value}`);
    }
  }
}

async function openEmbedded(directory: string | undefined, statementTimeoutMs: number): Promise<Database> {
  const source = directory === undefined ? await privateEngine({}) : await sharedEngine(directory);
  return opened('embedded', new EmbeddedConnection(source, statementTimeoutMs), []);
}

/** @internal A database on a server whose connections are made. */
export async function openServer(primary: ServerConnection, followers: readonly Connection[]): Promise<Database> {
  const replicas = followers.map((follower) => replicaOf(follower, primary, () => performance.now()));
  try {
    if (await isReadOnly(primary)) throw readOnlyError(primary.server);
  } catch (error) {
    await closeAll([primary, ...replicas]);
    throw error;
  }
  return opened('server', primary, replicas);
}

async function isReadOnly(connection: Connection): Promise<boolean> {
  const [row] = await connection.query('show transaction_read_only', [], true);
  return Array.isArray(row) && row[0] === 'on';
}

/** @internal Makes a database of connections, or closes them. */
export async function opened(
  kind: Database['kind'],
  connection: Connection,
  replicas: readonly Replica[],
): Promise<Database> {
  const close = (): Promise<void> => closeAll([connection, ...replicas]);
  try {
    const vectorVersion = await checkedVectorVersion(connection);
    await migrate(connection, migrations);
    const primary = drizzleOver(connection);
    const readers = replicas.map((replica) => ({ replica, drizzle: drizzleOver(replica) }));
    let turn = 0;
    return {
      kind,
      primary,
      lags: replicas.length > 0,
      vectorVersion,
      reader: () => {
        const up = readers.filter(({ replica }) => replica.isUp);
        turn += 1;
        return up[turn % up.length]?.drizzle ?? primary;
      },
      maintain: (statement) => connection.maintain(statement),
      listen: (channel, listener) => connection.listen(channel, listener),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeAll(connections: readonly Connection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}
