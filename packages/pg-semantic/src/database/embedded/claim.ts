import type { DatabaseSync } from 'node:sqlite';

/** Ownership of a directory. It ends with the process, however that ends. */
export interface DirectoryClaim {
  release(): void;
}

type Sqlite = typeof import('node:sqlite');

const sqliteBusy = 5;

/**
 * Claims the directory of this lock file, or finds that another process, or another part of this one, has it. The claim is SQLite's own lock on
 * an empty file: the operating system takes it back from a process that was killed, and no stale file can lie about it.
 */
export function tryClaim(lockFile: string): DirectoryClaim | undefined {
  const { DatabaseSync } = loadSqlite();
  const lock: DatabaseSync = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if ((Number((error as { errcode?: unknown }).errcode) & 0xff) === sqliteBusy) return undefined;
    throw error;
  }
  return { release: () => lock.close() };
}

/** Without the warning that the module is experimental, which older releases of Node print once per process. */
function loadSqlite(): Sqlite {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite')) Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
