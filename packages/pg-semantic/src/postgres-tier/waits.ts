import type { Entry } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import type { TierSite } from './site.ts';

/** How often the leases that somebody waits for are looked at: soon at first, for what takes a moment. */
const firstLookMs = 5;
const lastLookMs = 100;

/** Somebody else's lease. */
interface Awaited {
  readonly id: Uint8Array;
  readonly token: string;
  /** of the entry that was there when it was taken */
  readonly stamp: number;
}

interface Wait extends Awaited {
  readonly end: (entry: Entry | undefined) => void;
}

/** Waits for leases of others: one statement asks for all of them. */
export class Waits {
  readonly #site: TierSite;
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;
  #lookMs = firstLookMs;

  constructor(site: TierSite) {
    this.#site = site;
  }

  /** Never rejects: a wait that cannot go on has ended without an entry. */
  settled(awaited: Awaited, signal: AbortSignal | undefined): Promise<Entry | undefined> {
    const { promise, resolve } = Promise.withResolvers<Entry | undefined>();
    const giveUp = (): void => wait.end(undefined);
    const wait: Wait = {
      ...awaited,
      end: (entry) => {
        signal?.removeEventListener('abort', giveUp);
        this.#waits.delete(wait);
        resolve(entry);
      },
    };
    this.#waits.add(wait);
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#lookMs = firstLookMs;
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waits.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        this.#timer = undefined;
        this.#lookMs = Math.min(lastLookMs, this.#lookMs * 2);
        this.#schedule();
      });
    }, this.#lookMs);
  }

  async #look(): Promise<void> {
    const waits = [...this.#waits];
    try {
      const over = await this.#over(waits);
      for (const { place, data } of over) waits[place - 1]?.end(this.#site.entryOf(data));
    } catch (error) {
      this.#site.report(error);
      for (const wait of waits) wait.end(undefined);
    }
  }

  /** Leases that have ended, and what is there now unless it was there before. */
  #over(waits: readonly Wait[]): Promise<readonly { place: number; data: Uint8Array | null }[]> {
    const { namespace, now } = this.#site.settings;
    return this.#site.rows(sql`
      select wanted.place::int as place, entry.data
      from unnest(${sql.param(waits.map(({ id }) => id))}::bytea[], ${sql.param(waits.map(({ token }) => token))}::text[],
        ${sql.param(waits.map(({ stamp }) => stamp))}::bigint[]) with ordinality wanted (id, token, stamp, place)
      left join agent_cache.ac_lease lease on lease.namespace = ${namespace} and lease.id = wanted.id
        and lease.token = wanted.token and lease.ends_at > ${now()}::float8
      left join agent_cache.ac_entry entry on entry.namespace = ${namespace} and entry.id = wanted.id
        and entry.stamp <> wanted.stamp and entry.ends_at > ${now()}::float8
      where lease.id is null`);
  }

  /** Ends all waits, each as if its lease had ended without an entry. */
  abandon(): void {
    for (const wait of [...this.#waits]) wait.end(undefined);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
