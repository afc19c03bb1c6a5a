import { randomUUID } from 'node:crypto';
import type { Claim, ClaimOptions, Entry, Epoch, Lease } from '@agent-cache/core-tier';
import type { Authority } from './authority.ts';
import { claimReplyFrom, endOf, type Holder } from './claim-reply.ts';
import type { Entries } from './entries.ts';
import { type ClaimParts, Leases } from './leases.ts';
import { News } from './news.ts';
import { report } from './report.ts';
import * as scripts from './scripts/entry-scripts.ts';
import type { Site } from './site.ts';
import type { Statistics } from './statistics.ts';
import type { Waits } from './waits.ts';

/** Without a link that brings news, who waits looks this often. */
const lookEveryMs = 100;

/** Reading a value or taking the lease to compute it, in one step among all processes. */
export class Claims {
  readonly #site: Site;
  readonly #entries: Entries;
  readonly #authority: Authority;
  readonly #waits: Waits;
  readonly #statistics: Statistics;
  readonly #isLinked: () => boolean;
  readonly #leases: Leases;
  readonly #ended = new AbortController();

  constructor(site: Site, parts: ClaimParts, isLinked: () => boolean) {
    this.#site = site;
    this.#entries = parts.entries;
    this.#authority = parts.authority;
    this.#waits = parts.waits;
    this.#statistics = parts.statistics;
    this.#isLinked = isLinked;
    this.#leases = new Leases(site, parts);
  }

  async claim(key: string, { leaseMs, refresh = false, signal }: ClaimOptions): Promise<Claim> {
    if (!Number.isFinite(leaseMs) || leaseMs <= 0) {
      throw new TypeError(`redisTier: leaseMs is ${leaseMs}; it must be a number of milliseconds above 0`);
    }
    signal?.throwIfAborted();
    const news = new News(this.#waits, key);
    try {
      const claim = await this.#claimOnce(key, Math.ceil(leaseMs), refresh, news, signal);
      if (signal?.aborted && claim.state === 'lease') await claim.lease.release();
      signal?.throwIfAborted();
      return claim;
    } finally {
      news.endUnlessWaited();
    }
  }

  async #claimOnce(
    key: string,
    leaseMs: number,
    refresh: boolean,
    news: News,
    signal: AbortSignal | undefined,
  ): Promise<Claim> {
    const token = randomUUID();
    const [raw, current] = await Promise.all([
      this.#site.onKey(scripts.claim, key, [token, leaseMs, refresh ? '1' : '']),
      this.#site.server.isCluster ? this.#authority.epoch() : undefined,
    ]);
    const reply = claimReplyFrom(raw);
    if (reply.state === 'hit') {
      const entry = await this.#alive(this.#entries.read(key, reply.data), current);
      // Nothing that we could serve, though the server took it for something: it is ours to compute again.
      if (entry === undefined) return this.#claimOnce(key, leaseMs, true, news, signal);
      this.#statistics.looked(true);
      return { state: 'hit', entry };
    }
    if (reply.foreign) this.#entries.unreadable(key, true, undefined, undefined);
    this.#statistics.looked(false);
    const stale = await this.#alive(this.#entries.read(key, reply.stale), current);
    if (reply.state === 'wait') {
      this.#statistics.add({ waits: 1 });
      return { state: 'wait', stale, settled: this.#settled(key, reply.holder, news, signal) };
    }
    const epoch = current ?? reply.epoch;
    if (reply.problem !== undefined) return { state: 'lease', lease: this.#unleased(key, reply.problem), epoch, stale };
    this.#statistics.add({ leases: 1 });
    return { state: 'lease', lease: this.#leases.held(key, token, leaseMs), epoch, stale };
  }

  #unleased(key: string, problem: string): Lease {
    const message =
      'the server is full and gives no lease, so a value may be computed more than once; raise its maxmemory or set an eviction policy';
    const where = { key, operation: 'claim', cause: new Error(problem) };
    report(this.#site.settings.name, 'ERR_REDIS_TIER_MEMORY', message, where);
    return this.#leases.none(key);
  }

  /** In Cluster the sequence of invalidations is elsewhere: scripts cannot ask it, we do. */
  async #alive(entry: Entry | undefined, current: Epoch | undefined): Promise<Entry | undefined> {
    const epoch = entry?.epoch;
    if (entry === undefined || current === undefined || epoch === undefined) return entry;
    if (epoch.generation !== current.generation) return undefined;
    if (epoch.sequence === current.sequence || entry.tags === undefined) return entry;
    return (await this.#authority.isFenced(epoch, undefined, entry.tags)) ? undefined : entry;
  }

  /** Never rejects: a wait that cannot go on has ended without an entry. */
  async #settled(key: string, holder: Holder, news: News, signal: AbortSignal | undefined): Promise<Entry | undefined> {
    news.waited();
    try {
      for (;;) {
        const leftMs = Math.max(0, holder.endsAt - performance.now());
        const waitMs = this.#isLinked() ? leftMs + 1 : Math.min(lookEveryMs, leftMs + 1);
        await news.next(waitMs, signal, this.#ended.signal);
        if (signal?.aborted || this.#ended.signal.aborted) return undefined;
        const found = await this.#look(key, holder);
        if (found !== 'held') return found;
      }
    } finally {
      news.end();
    }
  }

  async #look(key: string, holder: Holder): Promise<Entry | undefined | 'held'> {
    try {
      const reply = (await this.#site.onKey(scripts.settle, key, [])) as [Buffer, number, Buffer];
      const [token, leftMs, data] = reply;
      if (String(token) === holder.token) {
        holder.endsAt = endOf(leftMs);
        return 'held';
      }
      const entry = this.#entries.read(key, data);
      const current = this.#site.server.isCluster && entry !== undefined ? await this.#authority.epoch() : undefined;
      return await this.#alive(entry, current);
    } catch {
      // The server does not answer: what we know of the lease counts, and it is not renewed for us to see.
      return performance.now() < holder.endsAt ? 'held' : undefined;
    }
  }

  /** Ends all waits, each as if its lease had ended without an entry. */
  close(): void {
    this.#ended.abort();
  }
}
