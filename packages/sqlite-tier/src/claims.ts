import type { Claim, ClaimOptions, Entry, Lease } from '@agent-cache/core-tier';
import type { ClaimReply } from './protocol.ts';
import type { TierLink } from './tier-link.ts';
import { toRow } from './value-codec.ts';

const tickEveryMs = 10;

/** Reading a value or taking the lease to compute it, in one transaction among all processes. */
export class Claims {
  readonly #link: TierLink;
  readonly #count: (hit: boolean) => void;
  readonly #waits = new Set<() => void>();
  #ticker: NodeJS.Timeout | undefined;

  constructor(link: TierLink, count: (hit: boolean) => void) {
    this.#link = link;
    this.#count = count;
  }

  async claim(key: string, options: ClaimOptions): Promise<Claim> {
    const { leaseMs, refresh = false, signal } = options;
    if (!Number.isFinite(leaseMs) || leaseMs <= 0) {
      throw new TypeError(`sqliteTier: leaseMs is ${leaseMs}; it must be a number of milliseconds above 0`);
    }
    signal?.throwIfAborted();
    const reply = await this.#link.call('claim', { key, leaseMs, refresh });
    if (signal?.aborted && reply.state === 'lease') await this.#lease(key, leaseMs, reply.token).release();
    signal?.throwIfAborted();
    return this.#claimOf(key, options, reply);
  }

  #claimOf(key: string, options: ClaimOptions, reply: ClaimReply): Claim | Promise<Claim> {
    if (reply.state === 'hit') {
      const entry = this.#link.entryOf(reply.data, key);
      // Written by a Node.js whose format this one cannot read: it is ours to compute again.
      if (entry === undefined) return this.claim(key, { ...options, refresh: true });
      this.#count(true);
      return { state: 'hit', entry };
    }
    this.#count(false);
    const stale = this.#link.entryOf(reply.stale, key);
    if (reply.state === 'lease') {
      return { state: 'lease', lease: this.#lease(key, options.leaseMs, reply.token), epoch: reply.epoch, stale };
    }
    return { state: 'wait', settled: this.#settled(key, reply.token, options.signal), stale };
  }

  #lease(key: string, leaseMs: number, token: string): Lease {
    return {
      renew: () => this.#link.call('renew', { key, token, leaseMs }),
      commit: async (entry) => {
        const row = toRow(entry, this.#link.settings.file);
        return this.#link.call('commit', { key, token, row }, row.data.byteLength);
      },
      release: async () => {
        await this.#link.call('release', { key, token });
      },
    };
  }

  /** Never rejects: a wait that cannot go on has ended without an entry. */
  async #settled(key: string, token: string, signal: AbortSignal | undefined): Promise<Entry | undefined> {
    if (this.#link.isClosed) return undefined;
    const { id, result } = this.#link.start('settle', { key, token });
    const giveUp = (): void => this.#link.client.tell('cancel', { id }, this.#link.caller);
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waits.add(giveUp);
    this.#tick();
    try {
      return this.#link.entryOf(await result, key);
    } catch {
      return undefined;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.#waits.delete(giveUp);
      if (this.#waits.size === 0) this.#stopTicking();
    }
  }

  /** A clock of the caller's own may jump: whoever waits for a lease to run out has to be told. */
  #tick(): void {
    if (this.#link.settings.now === undefined || this.#ticker !== undefined) return;
    this.#ticker = setInterval(() => this.#link.client.tell('tick', undefined, this.#link.caller), tickEveryMs);
    this.#ticker.unref();
  }

  #stopTicking(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Ends all waits, each as if its lease had ended without an entry. */
  abandon(): void {
    for (const giveUp of this.#waits) giveUp();
    this.#stopTicking();
  }
}
