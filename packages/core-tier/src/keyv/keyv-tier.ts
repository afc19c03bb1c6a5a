import { channels } from '../channels.ts';
import type { Entry } from '../entry.ts';
import type { AsyncTier, SetOptions } from '../tier.ts';
import { entryFrom, textOf } from './entry-text.ts';
import { KeyvWriteError } from './errors.ts';

/** What is asked of a Keyv; every Keyv 5 and 6 has it, whatever its store, serializer and namespace. */
export interface KeyvLike {
  get(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: string, ttl?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
}

export interface KeyvTierOptions {
  /** The label in every figure. @default 'keyv' */
  readonly name?: string;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * A Keyv as a tier. It has no tags and no claims, so it stands above or without a tier that has. `ifAbsent` is atomic among the writes of this tier
 * object only. Closing the cache leaves the Keyv open: it is yours.
 *
 * Keyv 5 hides a failing read as a miss unless it was made with `throwOnErrors: true`; Keyv 6 rejects unless it has an "error" listener. A tier
 * whose failures are hidden is never taken out of service by its breaker.
 *
 * @throws KeyvWriteError from `set` when the store says that it did not write.
 */
export function keyvTier(keyv: KeyvLike, { name = 'keyv', now = () => Date.now() }: KeyvTierOptions = {}): AsyncTier {
  return new KeyvTier(keyv, name, now);
}

class KeyvTier implements AsyncTier {
  readonly name: string;
  readonly #keyv: KeyvLike;
  readonly #now: () => number;
  /** the last conditional write of each key that has one under way */
  readonly #conditional = new Map<string, Promise<boolean>>();

  constructor(keyv: KeyvLike, name: string, now: () => number) {
    this.name = name;
    this.#keyv = keyv;
    this.#now = now;
  }

  async get(key: string): Promise<Entry | undefined> {
    return this.#entryOf(key, await this.#keyv.get(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    if (keys.length === 0) return [];
    const texts = await this.#keyv.getMany([...keys]);
    return keys.map((key, index) => this.#entryOf(key, texts[index]));
  }

  async set(key: string, entry: Entry, { ifAbsent = false }: SetOptions = {}): Promise<boolean> {
    if (!ifAbsent) return this.#write(key, entry);
    const before = this.#conditional.get(key) ?? Promise.resolve(false);
    const write = before
      .catch(() => false)
      .then(async () => (await this.get(key)) === undefined && this.#write(key, entry));
    this.#conditional.set(key, write);
    try {
      return await write;
    } finally {
      if (this.#conditional.get(key) === write) this.#conditional.delete(key);
    }
  }

  async delete(key: string): Promise<boolean> {
    return this.#keyv.delete(key);
  }

  async clear(): Promise<void> {
    await this.#keyv.clear();
  }

  /** A store with a coarser clock than ours may keep an entry a little longer: its own end decides. */
  #entryOf(key: string, text: unknown): Entry | undefined {
    if (text === undefined || text === null) return undefined;
    try {
      const entry = entryFrom(key, text);
      return endOf(entry) > this.#now() ? entry : undefined;
    } catch (error) {
      if (channels.error.hasSubscribers) {
        channels.error.publish({ code: 'ERR_CORE_TIER_KEYV_ENTRY', error, tier: this.name, key, operation: 'get' });
      }
      return undefined;
    }
  }

  async #write(key: string, entry: Entry): Promise<boolean> {
    const end = endOf(entry);
    const ttlMs = Math.ceil(end - this.#now());
    if (ttlMs <= 0) await this.#keyv.delete(key);
    else if ((await this.#set(key, textOf(key, entry), ttlMs)) === false) throw new KeyvWriteError(this.name, key);
    return true;
  }

  #set(key: string, text: string, ttlMs: number): Promise<boolean> {
    return Number.isFinite(ttlMs) ? this.#keyv.set(key, text, ttlMs) : this.#keyv.set(key, text);
  }
}

function endOf(entry: Entry): number {
  return entry.staleUntil ?? entry.expiresAt ?? Number.POSITIVE_INFINITY;
}
