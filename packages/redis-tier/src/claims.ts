import { randomUUID } from 'node:crypto';
import type { Claim, ClaimOptions, Entry, Epoch, Lease } from '@agent-cache/core-tier';
import { type Authority, epochFrom } from './authority.ts';
import { busText } from './bus-message.ts';
import type { Entries } from './entries.ts';
import { encodeEntry } from './envelope.ts';
import { report } from './report.ts';
import * as scripts from './scripts/entry-scripts.ts';
import type { Site } from './site.ts';
import type { Statistics } from './statistics.ts';
import type { Waits } from './waits.ts';

/** Without a link that brings news, who waits looks this often. */
const lookEveryMs = 100;

type ClaimReply =
  | readonly [state: 'hit', data: Buffer]
  | readonly [state: 'wait', stale: Buffer, holder: string, leaseLeftMs: number, foreign: number]
  | readonly [state: 'lease', stale: Buffer, generation: Buffer, sequence: number, foreign: number]
  | readonly [state: 'full', stale: Buffer, generation: Buffer, sequence: number, foreign: number, error: Buffer];

/** Reading a value or taking the lease to compute it, in one step among all processes. */
export class Claims {
  readonly #site: Site;
  readonly #entries: Entries;
  readonly #authority: Authority;
  readonly #waits: Waits;
  readonly #statistics: Statistics;
  readonly #isLinked: () => boolean;
  readonly #ended = new AbortController();

  constructor(
    site: Site,
    parts: { entries: Entries; authority: Authority; waits: Waits; statistics: Statistics },
    isLinked: () => boolean,
  ) {
    this.#site = site;
    this.#entries = parts.entries;
    this.#authority = parts.authority;
    this.#waits = parts.waits;
    this.#statistics = parts.statistics;
    this.#isLinked = isLinked;
  }

  async claim(key: string, { leaseMs, refresh = false, signal }: ClaimOptions): Promise<Claim> {
    if (!Number.isFinite(leaseMs) || leaseMs <= 0) {
      throw new TypeError(`redisTier: leaseMs is ${leaseMs}; it must be a number of milliseconds above 0`);
    }
    signal?.throwIfAborted();
    const token = randomUUID();
    const news = new News(this.#waits, key);
    try {
      const claim = await this.#claimOnce(key, token, Math.ceil(leaseMs), refresh, news);
      if (signal?.aborted && claim.state === 'lease') await claim.lease.release();
      signal?.throwIfAborted();
      if (claim.state !== 'wait') return claim;
      this.#statistics.add({ waits: 1 });
      return { state: 'wait', stale: claim.stale, settled: claim.settle(signal) };
    } finally {
      news.endUnlessWaited();
    }
  }

  async #claimOnce(key: string, token: string, leaseMs: number, refresh: boolean, news: News): Promise<Claimed> {
    const args = [token, leaseMs, refresh ? '1' : ''];
    const inCluster = this.#site.server.isCluster;
    const [raw, current] = await Promise.all([
      this.#site.onKey(scripts.claim, key, args),
      inCluster ? this.#authority.epoch() : undefined,
    ]);
    const reply = named(raw);
    if (reply[0] === 'hit') {
      const entry = await this.#alive(this.#entries.read(key, reply[1]), current);
      // Nothing that we could serve, though the server took it for something: it is ours to compute again.
      if (entry === undefined) return this.#claimOnce(key, token, leaseMs, true, news);
      this.#statistics.looked(true);
      return { state: 'hit', entry };
    }
    if (reply[4] === 1) this.#entries.unreadable(key, true, undefined, undefined);
    this.#statistics.looked(false);
    const stale = await this.#alive(this.#entries.read(key, reply[1]), current);
    if (reply[0] === 'wait') {
      const { waited } = news;
      const holder = { token: reply[2], endsAt: performance.now() + Math.max(0, reply[3]) };
      const settle = (signal: AbortSignal | undefined): Promise<Entry | undefined> => {
        waited();
        return this.#settled(key, holder, news, signal);
      };
      return { state: 'wait', stale, settle };
    }
    const epoch = current ?? epochFrom(reply.slice(2, 4));
    if (reply[0] === 'lease') {
      this.#statistics.add({ leases: 1 });
      return { state: 'lease', lease: this.#lease(key, token, leaseMs), epoch, stale };
    }
    const message =
      'the server is full and gives no lease, so a value may be computed more than once; raise its maxmemory or set an eviction policy';
    report(this.#site.settings.name, 'ERR_REDIS_TIER_MEMORY', message, {
      key,
      operation: 'claim',
      cause: new Error(String(reply[5])),
    });
    return { state: 'lease', lease: this.#unleased(key), epoch, stale };
  }

  /** In Cluster the sequence of invalidations is elsewhere: scripts cannot ask it, we do. */
  async #alive(entry: Entry | undefined, current: Epoch | undefined): Promise<Entry | undefined> {
    const epoch = entry?.epoch;
    if (entry === undefined || current === undefined || epoch === undefined) return entry;
    if (epoch.generation !== current.generation) return undefined;
    if (epoch.sequence === current.sequence || entry.tags === undefined) return entry;
    return (await this.#authority.isFenced(epoch, undefined, entry.tags)) ? undefined : entry;
  }

  #lease(key: string, token: string, leaseMs: number): Lease {
    const { layout, source } = this.#site;
    const lease = [layout.lease(key)];
    const ended = busText.ended(source, key);
    const release = async (): Promise<void> => {
      await this.#site.on(lease, scripts.release, [token, layout.bus, ended]);
      this.#waits.wake(key);
    };
    return {
      renew: async () => Number(await this.#site.on(lease, scripts.renew, [token, leaseMs])) === 1,
      release,
      commit: async (entry) => {
        const { epoch } = entry;
        const data = encodeEntry(key, entry, this.#site.settings.compressAboveBytes);
        const fenced =
          epoch !== undefined &&
          this.#site.server.isCluster &&
          (await this.#authority.isFenced(epoch, key, entry.tags));
        if (fenced) await release();
        const args = [token, data, this.#entries.lifeOf(entry), this.#entries.announcement(key), ended];
        const committed = !fenced && Number(await this.#site.onKey(scripts.commit, key, args)) === 1;
        if (committed) this.#entries.wrote(key, data.byteLength, false);
        else this.#statistics.add({ fenced: 1 });
        this.#waits.wake(key);
        return committed;
      },
    };
  }

  /** Nobody else is kept from computing, but what was invalidated meanwhile is refused all the same. */
  #unleased(key: string): Lease {
    return {
      renew: async () => true,
      release: async () => undefined,
      commit: (entry) => this.#entries.set(key, entry, entry.epoch === undefined ? {} : { ifEpoch: entry.epoch }),
    };
  }

  /** Never rejects: a wait that cannot go on has ended without an entry. */
  async #settled(
    key: string,
    holder: { readonly token: string; endsAt: number },
    news: News,
    signal: AbortSignal | undefined,
  ): Promise<Entry | undefined> {
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

  async #look(key: string, holder: { readonly token: string; endsAt: number }): Promise<Entry | undefined | 'held'> {
    try {
      const reply = (await this.#site.onKey(scripts.settle, key, [])) as [Buffer, number, Buffer];
      const [token, leftMs, data] = reply;
      if (String(token) === holder.token) {
        holder.endsAt = performance.now() + Math.max(0, leftMs);
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

type Claimed =
  | Exclude<Claim, { state: 'wait' }>
  | {
      readonly state: 'wait';
      readonly stale: Entry | undefined;
      readonly settle: (signal: AbortSignal | undefined) => Promise<Entry | undefined>;
    };

function named(raw: unknown): ClaimReply {
  const [state, ...rest] = raw as [Buffer, ...unknown[]];
  if (String(state) === 'wait') rest[1] = String(rest[1]);
  return [String(state), ...rest] as unknown as ClaimReply;
}

/** What happened to a key since we began to care, which is before we asked: nothing is missed in between. */
class News {
  readonly end: () => void;
  #arrived = false;
  #wake: (() => void) | undefined;
  #waited = false;

  constructor(waits: Waits, key: string) {
    this.end = waits.add(key, () => {
      this.#arrived = true;
      this.#wake?.();
    });
  }

  readonly waited = (): void => {
    this.#waited = true;
  };

  endUnlessWaited(): void {
    if (!this.#waited) this.end();
  }

  /** Resolves when there is news, after `ms`, or when a signal says so. */
  next(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal?.removeEventListener('abort', done);
        this.#arrived = false;
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#arrived ? 0 : ms);
      this.#wake = done;
      for (const signal of signals) {
        if (signal?.aborted) done();
        else signal?.addEventListener('abort', done, { once: true });
      }
    });
  }
}
