import { randomUUID } from 'node:crypto';
import type { Entry } from '../entry.ts';
import type { Tier } from '../tier.ts';

/** A Keyv storage adapter: Keyv 5 uses it as it is, Keyv 6 through its bridge for adapters that take a time to live. */
export interface TierKeyvStore {
  /** Keyv sets it to its own */
  namespace: string | undefined;
  /** Keyv 5 wants one to be there */
  readonly opts: Record<string, unknown>;
  get<Value>(key: string): Promise<Value | undefined>;
  getMany<Value>(keys: readonly string[]): Promise<(Value | undefined)[]>;
  set(key: string, value: unknown, ttlMs?: number): Promise<boolean>;
  setMany(
    entries: readonly { readonly key: string; readonly value: unknown; readonly ttl?: number | undefined }[],
  ): Promise<boolean[]>;
  has(key: string): Promise<boolean>;
  hasMany(keys: readonly string[]): Promise<boolean[]>;
  delete(key: string): Promise<boolean>;
  /** true when every key was there */
  deleteMany(keys: readonly string[]): Promise<boolean>;
  clear(): Promise<void>;
}

/** What is stored: Keyv's data, and the mark of its namespace at the time. */
interface Stored {
  readonly data: unknown;
  readonly mark?: string | undefined;
}

/**
 * Any tier as the store of a Keyv. Make one for each Keyv, on one tier if you like: an adapter has the namespace of the Keyv that uses it. `clear()`
 * of a namespace takes one write, however much is in it: its entries carry a mark, and the mark changes. Without a namespace it clears the
 * tier. `disconnect()` leaves the tier open: it is yours. Tiers cannot be iterated, so neither can this.
 *
 * @example
 * const keyv = new Keyv({ store: tierAsKeyvStore(tier), namespace: 'sessions' });
 */
export function tierAsKeyvStore(
  tier: Tier,
  { now = () => Date.now() }: { readonly now?: () => number } = {},
): TierKeyvStore {
  return new TierStore(tier, now);
}

// Keyv 6 tells adapters with a time to live from newer ones by their methods being `async` functions: keep all of them so.
class TierStore implements TierKeyvStore {
  namespace: string | undefined = undefined;
  readonly opts: Record<string, unknown> = {};
  readonly #tier: Tier;
  readonly #now: () => number;

  constructor(tier: Tier, now: () => number) {
    this.#tier = tier;
    this.#now = now;
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    const [value] = await this.getMany<Value>([key]);
    return value;
  }

  async getMany<Value>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    const places = keys.map((key) => this.#placeOf(key));
    if (this.namespace === undefined) return (await this.#read(places)).map((entry) => dataOf<Value>(entry, undefined));
    const [mark, ...entries] = await this.#read([this.#markPlace(), ...places]);
    return entries.map((entry) => (mark === undefined ? undefined : dataOf<Value>(entry, mark.value)));
  }

  async set(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
    const createdAt = this.#now();
    const stored: Stored = { data: value, mark: await this.#mark() };
    const expiresAt = typeof ttlMs === 'number' ? createdAt + ttlMs : undefined;
    return this.#tier.set(this.#placeOf(key), { value: stored, createdAt, expiresAt });
  }

  async setMany(
    entries: readonly { readonly key: string; readonly value: unknown; readonly ttl?: number | undefined }[],
  ): Promise<boolean[]> {
    return Promise.all(entries.map(({ key, value, ttl }) => this.set(key, value, ttl)));
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return (await this.getMany(keys)).map((value) => value !== undefined);
  }

  async delete(key: string): Promise<boolean> {
    const existed = await this.has(key);
    const deleted = await this.#tier.delete(this.#placeOf(key));
    return existed && deleted;
  }

  async deleteMany(keys: readonly string[]): Promise<boolean> {
    return (await Promise.all(keys.map((key) => this.delete(key)))).every((deleted) => deleted);
  }

  async clear(): Promise<void> {
    if (this.namespace === undefined) await this.#tier.clear();
    else await this.#tier.set(this.#markPlace(), this.#newMark());
  }

  /** The namespace is encoded, so no key of one can be read as a key of another. */
  #placeOf(key: string): string {
    return `keyv:${encodeURIComponent(this.namespace ?? '')}:${key}`;
  }

  #markPlace(): string {
    return `keyv-mark:${encodeURIComponent(this.namespace ?? '')}`;
  }

  #newMark(): Entry<string> {
    return { value: randomUUID(), createdAt: this.#now() };
  }

  /** A mark that was evicted is replaced by a new one: what carried the old one is gone, and can never come back. */
  async #mark(): Promise<string | undefined> {
    if (this.namespace === undefined) return undefined;
    const place = this.#markPlace();
    const found = await this.#tier.get(place);
    if (found !== undefined) return String(found.value);
    const created = this.#newMark();
    if (await this.#tier.set(place, created, { ifAbsent: true })) return created.value;
    return String((await this.#tier.get(place))?.value);
  }

  async #read(places: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    const tier = this.#tier;
    if (tier.synchronous !== true && tier.getMany !== undefined) return tier.getMany(places);
    return Promise.all(places.map(async (place) => tier.get(place)));
  }
}

function dataOf<Value>(entry: Entry | undefined, mark: unknown): Value | undefined {
  if (entry === undefined) return undefined;
  const { data, mark: own } = entry.value as Stored;
  return own === mark ? (data as Value) : undefined;
}
