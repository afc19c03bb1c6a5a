import { resolve } from 'node:path';

/** Options of `sqliteTier`. */
export interface SqliteTierOptions {
  /** Path of the file; it and its directory are created when they are missing, readable by their owner only. */
  readonly file: string;
  /**
   * How large the file may grow, in bytes, bookkeeping included; at least 1 MiB. Entries that have ended go first, then those not
   * read for longest.
   * @default 536_870_912 (512 MiB)
   */
  readonly maxBytes?: number;
  /**
   * The tier's label in figures and events.
   * @default 'sqlite'
   */
  readonly name?: string;
  /**
   * How long the file may be out of sight, in ms, before `onChange` says "unsure".
   * @default 1_000
   */
  readonly heartbeatMs?: number;
  /**
   * The clock, ms since epoch.
   * @default Date.now
   */
  readonly now?: () => number;
}

/** Options with their defaults, checked. */
export interface TierSettings {
  readonly file: string;
  readonly maxBytes: number;
  readonly name: string;
  readonly heartbeatMs: number;
  /** undefined for the machine's own clock, which the worker reads by itself */
  readonly now: (() => number) | undefined;
}

const defaultMaxBytes = 512 * 1024 * 1024;
const leastMaxBytes = 1024 * 1024;

/** @throws TypeError naming the option and what it may be */
export function settingsOf(options: SqliteTierOptions): TierSettings {
  const { file, maxBytes = defaultMaxBytes, name = 'sqlite', heartbeatMs = 1_000, now = Date.now } = options;
  checkFile(file);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < leastMaxBytes) {
    throw new TypeError(
      `sqliteTier: maxBytes is ${maxBytes}; it must be a whole number of bytes, at least ${leastMaxBytes} (1 MiB): the empty file takes a seventh of that`,
    );
  }
  if (typeof name !== 'string' || name === '') throw new TypeError('sqliteTier: name must be a text that is not empty');
  if (!Number.isFinite(heartbeatMs) || heartbeatMs < 500) {
    throw new TypeError(
      `sqliteTier: heartbeatMs is ${heartbeatMs}; it must be at least 500 ms: the file is looked at four times a second`,
    );
  }
  if (typeof now !== 'function') throw new TypeError('sqliteTier: now must be a function that returns ms since epoch');
  return { file: resolve(file), maxBytes, name, heartbeatMs, now: now === Date.now ? undefined : now };
}

function checkFile(file: string): void {
  if (typeof file !== 'string' || file.trim() === '' || file.includes('\0')) {
    throw new TypeError(`sqliteTier: file must be the path of a file, not ${JSON.stringify(file)}`);
  }
  if (file === ':memory:' || file.startsWith('file:')) {
    throw new TypeError(
      `sqliteTier: file is ${JSON.stringify(file)}, but this tier is a file on disk; use lruMem() of @agent-cache/lru-mem for memory, and fileURLToPath() for a URL`,
    );
  }
}
