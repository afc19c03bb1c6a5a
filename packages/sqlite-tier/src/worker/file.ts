import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { createSchema, ownershipOf } from './schema.ts';
import { kindOf, StoreError, sqlite } from './sqlite.ts';

/** How long a statement waits for another process's lock before the worker serves somebody else meanwhile. */
const lockWaitMs = 5;
/** Creating and setting aside are rare, short and exclusive. */
const fileLockWaitMs = 2_000;

/** An open connection and the file it belongs to. */
export interface OpenFile {
  readonly database: DatabaseSync;
  /** device and inode: another one under the same path means that the file was replaced */
  readonly identity: string;
}

/** Device and inode of the file that is at this path now. */
export function identityOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** Opens the file, making it and its directory where they are missing. */
export function openFile(file: string): OpenFile {
  prepareFile(file);
  const identity = identityOf(file);
  if (identity === undefined)
    throw new StoreError('ERR_SQLITE_TIER_BUSY', `${file} was removed while it was opened`, 'busy');
  const database = new sqlite.DatabaseSync(file, { timeout: lockWaitMs });
  try {
    configure(database, file);
    if (identityOf(file) !== identity) {
      throw new StoreError('ERR_SQLITE_TIER_BUSY', `${file} was replaced while it was opened`, 'busy');
    }
    return { database, identity };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Only for the owner, as are the -wal and -shm files: SQLite gives them the mode of the main file. */
function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) withFileLock(file, () => createFile(file));
    const stats = statSync(file);
    if (!stats.isFile()) throw new Error('it is not a file');
    if ((stats.mode & 0o077) !== 0) {
      for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600);
    }
  } catch (error) {
    if (kindOf(error) === 'busy' || error instanceof StoreError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      'ERR_SQLITE_TIER_UNUSABLE',
      `${file} cannot be used as a cache file: ${reason}; name a file in a directory that this process may write to`,
    );
  }
}

// Created exclusively and never opened otherwise outside SQLite: closing any descriptor of a file drops all POSIX locks that the
// process holds on it, those of other connections included (https://sqlite.org/howtocorrupt.html, section 2.2).
function createFile(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'wx', 0o600));
}

function configure(database: DatabaseSync, file: string): void {
  const ownership = ownershipOf(database);
  if (ownership === 'foreign') {
    throw new StoreError(
      'ERR_SQLITE_TIER_FOREIGN',
      `${file} is a database of another program and was left alone; give the cache a file of its own`,
    );
  }
  if (ownership === 'newer') {
    throw new StoreError(
      'ERR_SQLITE_TIER_SCHEMA',
      `${file} was written by a later release of @agent-cache/sqlite-tier and was left alone; update this process or give it another file`,
    );
  }
  // Answers of models have a few KB: on pages of 4 KiB, SQLite's default, half of each would stay empty.
  if (ownership === 'empty') database.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL');
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216');
  if (ownership === 'empty') createSchema(database, randomUUID());
}

/**
 * Renames a damaged file and what belongs to it, unless another process has done so already.
 *
 * @returns the new name, or undefined when the file at this path is another one by now
 */
export function setAside(file: string, identity: string, now: number): string | undefined {
  return withFileLock(file, () => {
    if (identityOf(file) !== identity) return undefined;
    const aside = freeName(`${file}.corrupt-${new Date(now).toISOString().replaceAll(':', '-')}`);
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    }
    return aside;
  });
}

function freeName(name: string): string {
  let free = name;
  for (let count = 2; existsSync(free); count++) free = `${name}-${count}`;
  return free;
}

/** Exclusive among all processes; ends with the process whatever happens to it, since the system holds the lock. */
function withFileLock<T>(file: string, work: () => T): T {
  const path = `${file}.lock`;
  if (!existsSync(path)) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const lock = new sqlite.DatabaseSync(path, { timeout: fileLockWaitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    lock.close();
  }
}
