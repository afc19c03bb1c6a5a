import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PostgresError } from '../errors.ts';

/** Longer paths are cut by the kernel: `sun_path` has 104 bytes on macOS and 108 on Linux, the closing zero included. */
const maxSocketPathBytes = 103;

/** What is where in the directory that the user names. */
export interface Places {
  /** absolute, symbolic links followed: one name for all processes */
  readonly directory: string;
  /** the files of Postgres */
  readonly data: string;
  /** where a new database is made, until it is whole */
  readonly draft: string;
  /** whoever holds its lock owns the database */
  readonly lock: string;
  /** where the owner serves the other processes: a socket, or a pipe on Windows */
  readonly socket: string;
}

/**
 * Makes the directory, readable by nobody else.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_DIRECTORY when that is impossible
 */
export function placesIn(dataDir: string): Places {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const directory = realpathSync(dataDir);
    if (process.platform !== 'win32' && (lstatSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
    return {
      directory,
      data: join(directory, 'postgres'),
      draft: join(directory, 'postgres.new'),
      lock: join(directory, 'owner.lock'),
      socket: socketFor(directory),
    };
  } catch (cause) {
    if (PostgresError.isInstance(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PostgresError(
      'ERR_PG_SEMANTIC_DIRECTORY',
      `${dataDir} cannot hold the embedded Postgres: ${reason}; name a directory that this process may write to as "dataDir"`,
      { cause },
    );
  }
}

/** @internal exported for its test */
export function socketFor(directory: string, platform: NodeJS.Platform = process.platform): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 24);
  if (platform === 'win32') return `\\\\.\\pipe\\agent-cache-${name}`;
  const near = join(directory, 'owner.sock');
  return Buffer.byteLength(near) <= maxSocketPathBytes ? near : join(privateTemporary(), `${name}.sock`);
}

/** A directory of this user's in the temporary one, where anybody could have made it first. */
function privateTemporary(): string {
  const { uid } = userInfo();
  const directory = join(tmpdir(), `agent-cache-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stats = lstatSync(directory);
  if (stats.isDirectory() && stats.uid === uid && (stats.mode & 0o077) === 0) return directory;
  throw new PostgresError(
    'ERR_PG_SEMANTIC_DIRECTORY',
    `${directory} belongs to somebody else or is open to others; remove it, or give "dataDir" a path shorter than ${maxSocketPathBytes - 10} bytes`,
  );
}
