import type { Connection } from './connection.ts';
import { PostgresError } from './errors.ts';

/** The version of pgvector in this database, which is created when it is not there yet. */
export async function checkedVectorVersion(connection: Connection): Promise<string> {
  let version = await installedVersion(connection);
  if (version === undefined) {
    await connection.script('create extension if not exists vector');
    version = await installedVersion(connection);
  }
  if (version === undefined) throw new PostgresError('ERR_PG_SEMANTIC_NO_VECTOR', 'pgvector is missing');
  return version;
}

async function installedVersion(connection: Connection): Promise<string | undefined> {
  const [row] = await connection.query("select extversion from pg_extension where extname = 'vector'", [], true);
  return Array.isArray(row) ? String(row[0]) : undefined;
}
