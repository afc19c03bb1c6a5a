import { channels } from '@agent-cache/core-tier';
import type { Connection } from './connection.ts';
import { PostgresError } from './errors.ts';

/** Iterative scans came with it: without them a search within one tenant finds a part of the neighbours only. */
const oldest = '0.8.0';
/** Index corruption and an overflow in parallel builds were mended by it (pgvector's changelog). */
const sound = '0.8.4';

/**
 * The version of pgvector in this database, which is created when it is not there yet.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_NO_VECTOR or ERR_PG_SEMANTIC_OLD_VECTOR
 */
export async function checkedVectorVersion(connection: Connection): Promise<string> {
  const version = (await installedVersion(connection)) ?? (await install(connection));
  if (isBefore(version, oldest)) {
    throw oldVersion(version, `at least ${oldest} is needed: upgrade it and run ALTER EXTENSION vector UPDATE`);
  }
  if (isBefore(version, sound) && channels.error.hasSubscribers) {
    const error = oldVersion(version, `its HNSW indexes can be damaged: upgrade it to ${sound} or later`);
    channels.error.publish({ code: error.code, error, operation: 'open' });
  }
  return version;
}

async function installedVersion(connection: Connection): Promise<string | undefined> {
  const [row] = await connection.query("select extversion from pg_extension where extname = 'vector'", [], true);
  return Array.isArray(row) ? String(row[0]) : undefined;
}

async function install(connection: Connection): Promise<string> {
  try {
    await connection.script('create extension if not exists vector');
  } catch (cause) {
    // Two processes that create it at once collide, and then it is there.
    const version = await installedVersion(connection);
    if (version !== undefined) return version;
    throw noVector(cause);
  }
  return (await installedVersion(connection)) ?? '';
}

/** By numbers, so that 0.10.0 is after 0.9.0. */
export function isBefore(version: string, other: string): boolean {
  const parts = version.split('.').map(Number);
  const difference = other
    .split('.')
    .map((part, index) => (parts[index] ?? 0) - Number(part))
    .find((step) => step !== 0);
  return (difference ?? 0) < 0;
}

function noVector(cause: unknown): PostgresError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PostgresError(
    'ERR_PG_SEMANTIC_NO_VECTOR',
    `this database has no pgvector and it cannot be created: ${reason}. Install the package of your system (postgresql-17-pgvector on Debian, the image pgvector/pgvector in Docker), then run CREATE EXTENSION vector as a superuser`,
    { cause },
  );
}

function oldVersion(version: string, advice: string): PostgresError {
  return new PostgresError('ERR_PG_SEMANTIC_OLD_VECTOR', `this database has pgvector ${version}; ${advice}`);
}
