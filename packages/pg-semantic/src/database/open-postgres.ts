import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { drizzleOver } from './drizzle-over.ts';
import { EmbeddedConnection } from './embedded/embedded-connection.ts';
import { privateEngine } from './embedded/private-engine.ts';
import { sharedEngine } from './embedded/shared-engine.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { serverConnection } from './server/server-connection.ts';
import { checkedVectorVersion } from './vector-version.ts';

/** What `openPostgres` opens. */
export interface OpenPostgresOptions {
  /**
   * A server: `postgres://user:password@host:port/database?sslmode=require`.
   * @default the embedded Postgres
   */
  readonly url?: string | undefined;
  /** Servers that follow `url`: reads that may lag go to them, one after the other. @default none */
  readonly replicas?: readonly string[] | undefined;
  /**
   * Directory of the embedded Postgres; made when it is not there. Processes of one machine that name the same directory share it.
   * @default in memory: private to this call and gone with it
   */
  readonly dataDir?: string | undefined;
}

/** Opens a Postgres with pgvector and brings its tables up to date. */
export async function openPostgres(options: OpenPostgresOptions = {}): Promise<Database> {
  const { url, dataDir, replicas = [] } = options;
  if (url !== undefined && dataDir !== undefined) {
    throw new TypeError('openPostgres: "url" names a server and "dataDir" the embedded Postgres; give one of them');
  }
  if (url === undefined && replicas.length > 0) {
    throw new TypeError(
      'openPostgres: "replicas" are servers that follow the one at "url"; give "url" too, or no replicas',
    );
  }
  const connection = url === undefined ? await embeddedConnection(dataDir) : serverConnection(url);
  const followers = replicas.map((replica) => serverConnection(replica));
  return opened(url === undefined ? 'embedded' : 'server', connection, followers);
}

async function embeddedConnection(directory: string | undefined): Promise<Connection> {
  return new EmbeddedConnection(directory === undefined ? await privateEngine({}) : await sharedEngine(directory));
}

/** Makes a database of connections, or closes them. */
export async function opened(
  kind: Database['kind'],
  connection: Connection,
  followers: readonly Connection[],
): Promise<Database> {
  try {
    const vectorVersion = await checkedVectorVersion(connection);
    await migrate(connection, migrations);
    const primary = drizzleOver(connection);
    const readers = followers.length === 0 ? [primary] : followers.map(drizzleOver);
    let next = 0;
    return {
      kind,
      primary,
      lags: followers.length > 0,
      vectorVersion,
      reader: () => {
        next = (next + 1) % readers.length;
        return readers[next] ?? primary;
      },
      maintain: (statement) => connection.maintain(statement),
      close: async () => {
        await Promise.all([connection, ...followers].map((one) => one.close()));
      },
    };
  } catch (error) {
    await Promise.all([connection, ...followers].map((one) => one.close()));
    throw error;
  }
}
