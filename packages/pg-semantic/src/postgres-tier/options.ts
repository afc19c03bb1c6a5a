import type { Database } from '../database/database.ts';

/** Options of `postgresTier`. */
export interface PostgresTierOptions {
  /** from `openPostgres` */
  readonly db: Database;
  /**
   * Tiers of one namespace share everything, of different ones nothing. At most 200 characters.
   * @default 'agent-cache'
   */
  readonly namespace?: string | undefined;
  /**
   * How many bytes of values the namespace may hold; beyond it those not read for longest go. Checked now and then, so it can be exceeded
   * by what is written within a second.
   * @default 536_870_912 (512 MiB)
   */
  readonly maxBytes?: number | undefined;
  /**
   * The tier's label in figures and events.
   * @default 'postgres'
   */
  readonly name?: string | undefined;
  /**
   * The clock, ms since epoch.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
}

/** Options with their defaults, checked. */
export interface TierSettings {
  readonly db: Database;
  readonly namespace: string;
  readonly maxBytes: number;
  readonly name: string;
  readonly now: () => number;
}

const maxNamespace = 200;

/** @throws TypeError naming the option and what it may be */
export function settingsOf(options: PostgresTierOptions): TierSettings {
  const { db, namespace = 'agent-cache', maxBytes = 536_870_912, name = 'postgres', now = Date.now } = options;
  if (typeof db?.primary?.execute !== 'function') {
    throw new TypeError('postgresTier: "db" must be what openPostgres() resolves with');
  }
  if (namespace === '' || namespace.length > maxNamespace || !namespace.isWellFormed() || namespace.includes('\0')) {
    throw new TypeError(`postgresTier: "namespace" must be a text of 1 to ${maxNamespace} characters`);
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new TypeError(`postgresTier: "maxBytes" must be a whole number above 0, not ${maxBytes}`);
  }
  if (name === '') throw new TypeError('postgresTier: "name" must not be empty');
  return { db, namespace, maxBytes, name, now };
}
