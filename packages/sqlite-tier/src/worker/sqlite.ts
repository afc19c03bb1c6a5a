import type * as Sqlite from 'node:sqlite';
import type { Failure } from '../protocol.ts';

/**
 * Node's built-in SQLite, loaded without the warning that the module is experimental: it would be printed once in every
 * process that merely uses a cache. Every other warning passes, and only this thread is touched.
 */
function loadSqlite(): typeof Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const sqlite: typeof Sqlite = loadSqlite();

// Primary result codes, https://sqlite.org/rescode.html
const busy = 5;
const locked = 6;
const corrupt = 11;
const notADatabase = 26;

/** An error whose code and message reach the caller as they are. */
export class StoreError extends Error {
  readonly code: string;
  readonly kind: 'busy' | 'corrupt' | 'other';

  constructor(code: string, message: string, kind: 'busy' | 'corrupt' | 'other' = 'other') {
    super(message);
    this.code = code;
    this.kind = kind;
  }
}

/** Why SQLite failed, as far as it changes what to do. */
export function kindOf(error: unknown): 'busy' | 'corrupt' | 'other' {
  if (error instanceof StoreError) return error.kind;
  const code = Number((error as { errcode?: unknown } | null)?.errcode ?? 0) & 0xff;
  if (code === busy || code === locked) return 'busy';
  return code === corrupt || code === notADatabase ? 'corrupt' : 'other';
}

/** What the main thread is told of an error. */
export function failureOf(error: unknown, file: string): Failure {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  const kind = kindOf(error);
  if (kind === 'busy') {
    return { code: 'ERR_SQLITE_TIER_BUSY', message: `${file} is locked by another process: ${reason}` };
  }
  if (kind === 'corrupt') return { code: 'ERR_SQLITE_TIER_CORRUPT', message: `${file} is damaged: ${reason}` };
  return {
    code: 'ERR_SQLITE_TIER_FAILED',
    message: `${file}: ${reason}; check the disk's free space and the file's permissions`,
  };
}

/** A key as SQLite stores it: text, or the bytes of its UTF-16 form when UTF-8 could not give it back (a lone surrogate). */
export function toColumn(key: string): string | Uint8Array {
  return key.isWellFormed() ? key : Buffer.from(key, 'utf16le');
}

export function fromColumn(column: unknown): string {
  return typeof column === 'string' ? column : Buffer.from(column as Uint8Array).toString('utf16le');
}
