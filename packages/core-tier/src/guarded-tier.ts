import type { Background } from './background.ts';
import { withDeadline } from './deadline.ts';
import type { Entry } from './entry.ts';
import { TierDeadlineError } from './errors.ts';
import { KeyCounts } from './key-counts.ts';
import type { Claim, ClaimOptions, Lease } from './lease.ts';
import type { Settings } from './options.ts';
import { type Missed, RecoveryQueue } from './recovery-queue.ts';
import { reportError } from './report.ts';
import type { MaybePromise, SetOptions, Tier } from './tier.ts';
import { type Attempt, type Call, TierCalls } from './tier-calls.ts';

/** Writes of one tier remembered while it is out of reach. */
const maxMissedKeys = 1_000;

interface RecoveryHooks {
  /** The tier answered with something still to be replayed. */
  start(guard: GuardedTier): void;
  /** It missed something. */
  later(guard: GuardedTier): void;
}

/** A tier that cannot hurt: it never throws, answers within a deadline, and is left alone for a while when it keeps failing. */
export class GuardedTier {
  readonly tier: Tier;
  readonly name: string;
  readonly index: number;
  readonly queue: RecoveryQueue = new RecoveryQueue(maxMissedKeys);
  /** its authority has not heard of every invalidation made here */
  owesTags = false;
  readonly #calls: TierCalls;
  readonly #hardMs: number;
  readonly #recovery: RecoveryHooks;
  /** keys with a write under way: writes of one key keep their order, whatever the tier does */
  readonly #writing = new Map<string, Promise<unknown>>();
  /** removals under way: until they are done the tier's copy is not to be trusted */
  readonly #removing = new KeyCounts();
  /** writes that passed their deadline and may still land: until they have, the tier's copy is not to be trusted either */
  readonly #strays = new KeyCounts();

  constructor(tier: Tier, index: number, settings: Settings, recovery: RecoveryHooks) {
    this.tier = tier;
    this.name = tier.name;
    this.index = index;
    this.#hardMs = settings.hardMs;
    this.#recovery = recovery;
    this.#calls = new TierCalls(tier.name, settings, () => {
      if (this.owesTags || !this.queue.isEmpty) this.#recovery.start(this);
    });
  }

  /** Whether the tier may still hold a copy that was invalidated. */
  distrusts(key: string): boolean {
    return this.#removing.has(key) || this.#strays.has(key) || (!this.queue.isEmpty && this.queue.distrusts(key));
  }

  // --- A leading synchronous tier: no promise, no deadline.

  /** It has missed nothing and its last call succeeded, so that another success has nothing to change. */
  get isSound(): boolean {
    return this.#calls.isSound && this.queue.isEmpty && !this.owesTags;
  }

  readNow(key: string): Entry | undefined {
    if (!this.queue.isEmpty && this.queue.distrusts(key)) return undefined;
    if (!this.#calls.admits()) return undefined;
    try {
      const entry = this.tier.get(key) as Entry | undefined;
      this.#calls.succeeded();
      return entry;
    } catch (error) {
      this.#calls.failed(error, 'get', key);
      return undefined;
    }
  }

  writeNow(key: string, entry: Entry): boolean {
    const attempt = this.#calls.now('set', key, () => this.tier.set(key, entry) as boolean);
    // The old copy, if any, is not to be served in place of the new one.
    if (attempt.ok) this.#caughtUp(key);
    else this.#miss(key, { kind: 'replace', entry });
    return attempt.ok && attempt.value;
  }

  removeNow(key: string): boolean {
    const attempt = this.#calls.now('delete', key, () => this.tier.delete(key) as boolean);
    if (attempt.ok) this.#caughtUp(key);
    else this.#miss(key, { kind: 'delete' });
    return attempt.ok;
  }

  // --- Any other tier.

  async read(key: string, deadlineMs: number): Promise<Entry | undefined> {
    if (this.#writing.has(key) || this.distrusts(key)) {
      if (!(await this.#settled(key, deadlineMs))) return undefined;
    }
    const attempt = await this.attempt({ operation: 'get', key, deadlineMs, run: () => this.tier.get(key) });
    return attempt.ok && !this.distrusts(key) ? attempt.value : undefined;
  }

  get readsMany(): boolean {
    return this.tier.synchronous !== true && this.tier.getMany !== undefined;
  }

  /** One answer per key, in order; only for a tier that `readsMany`. */
  async readMany(keys: readonly string[], deadlineMs: number): Promise<readonly (Entry | undefined)[]> {
    const { tier } = this;
    if (tier.synchronous === true) return [];
    // Doubted at its beginning or its end: in between the tier may have answered with what was about to go.
    const doubted = keys.map((key) => this.distrusts(key));
    const attempt = await this.attempt({ operation: 'getMany', deadlineMs, run: () => tier.getMany?.(keys) ?? [] });
    if (!attempt.ok) return [];
    return keys.map((key, at) => (doubted[at] || this.distrusts(key) ? undefined : attempt.value[at]));
  }

  async claim(key: string, options: ClaimOptions, deadlineMs: number): Promise<Claim | undefined> {
    if (!(await this.#settled(key, deadlineMs))) return undefined;
    const giveBack = (claim: Claim | undefined): void => {
      if (claim?.state === 'lease') void this.release(claim.lease);
    };
    const attempt = await this.attempt<Claim | undefined>({
      operation: 'claim',
      key,
      deadlineMs,
      run: async () => this.tier.claim?.(key, options),
      signal: options.signal,
      onLate: giveBack,
    });
    if (!attempt.ok) return undefined;
    if (!this.distrusts(key)) return attempt.value;
    giveBack(attempt.value);
    return undefined;
  }

  async release(lease: Lease): Promise<void> {
    await this.attempt({ operation: 'release', deadlineMs: this.#hardMs, run: () => lease.release() });
  }

  /** "refused": something newer or an invalidation is there. "missed": the tier is out of reach and gets it later, if it still fits. */
  async fill(key: string, entry: Entry, options?: SetOptions, lease?: Lease): Promise<'stored' | 'refused' | 'missed'> {
    const write = (): MaybePromise<boolean> =>
      lease === undefined ? this.tier.set(key, entry, options) : lease.commit(entry);
    const attempt = await this.#ordered(key, lease === undefined ? 'set' : 'commit', write, { kind: 'fill', entry });
    if (!attempt.ok) return 'missed';
    return attempt.value ? 'stored' : 'refused';
  }

  replace(key: string, entry: Entry): Promise<'done' | 'queued'> {
    return this.#distrusting(key, 'set', () => this.tier.set(key, entry), { kind: 'replace', entry });
  }

  remove(key: string): Promise<'done' | 'queued'> {
    return this.#distrusting(key, 'delete', () => this.tier.delete(key), { kind: 'delete' });
  }

  async clear(): Promise<boolean> {
    return (await this.attempt({ operation: 'clear', deadlineMs: this.#hardMs, run: () => this.tier.clear() })).ok;
  }

  /** Everything it holds may be outdated. A synchronous tier is emptied now; another behind, and is not trusted until it is. */
  forgetAll(background: Background): void {
    if (this.tier.synchronous === true) {
      if (this.#calls.now('clear', undefined, () => this.tier.clear()).ok) return;
    }
    this.queue.distrustAll();
    this.#recovery.later(this);
    background.track(this.#forgetAll());
  }

  async #forgetAll(): Promise<void> {
    if (await this.clear()) this.queue.madeUp();
  }

  async close(): Promise<void> {
    try {
      await this.tier.close?.();
    } catch (error) {
      reportError('ERR_CORE_TIER_FAILED', error, { tier: this.name, operation: 'close' });
    }
  }

  /** One step of recovery; true when it worked. */
  async replayNext(): Promise<boolean> {
    const item = this.queue.next();
    if (item === undefined) return true;
    const [key, missed] = item;
    const attempt = await this.#ordered(key, 'replay', () => this.#replay(key, missed));
    return attempt.ok;
  }

  async #replay(key: string, missed: Missed): Promise<boolean> {
    const { tier, queue } = this;
    if (missed.kind !== 'fill' && queue.holds(key, missed)) await tier.delete(key);
    if (missed.kind !== 'delete' && queue.holds(key, missed)) {
      const ifEpoch = tier.tags === undefined ? undefined : missed.entry.epoch;
      await tier.set(key, missed.entry, { ifAbsent: true, ...(ifEpoch === undefined ? {} : { ifEpoch }) });
    }
    if (queue.holds(key, missed)) queue.forget(key);
    return true;
  }

  /** Any other call to the tier. */
  attempt<T>(call: Call<T>): Promise<Attempt<T>> {
    return this.#calls.attempt(call);
  }

  /** Waits for writes of this key that are under way; false when the tier's copy cannot be trusted after that. */
  async #settled(key: string, deadlineMs: number): Promise<boolean> {
    const before = this.#writing.get(key);
    if (before !== undefined) {
      const late = (): Error => new TierDeadlineError(this.name, 'wait for a write', deadlineMs);
      await withDeadline(before, deadlineMs, late).catch(() => undefined);
    }
    return !this.distrusts(key);
  }

  /** Writes of one key take effect, and are remembered as missed, in the order of their calls. */
  async #ordered<T>(key: string, operation: string, run: () => MaybePromise<T>, missed?: Missed): Promise<Attempt<T>> {
    const before = this.#writing.get(key);
    const go = async (): Promise<Attempt<T>> => {
      const attempt = await this.attempt({
        operation,
        key,
        deadlineMs: this.#hardMs,
        run,
        onTimeout: () => this.#strays.add(key),
        onLate: (value) => this.#strayLanded(key, value !== undefined),
      });
      if (missed !== undefined) {
        if (!attempt.ok) this.#miss(key, missed);
        else if (attempt.value !== false || missed.kind === 'delete') this.#caughtUp(key);
      }
      return attempt;
    };
    const running = before === undefined ? go() : before.then(go);
    this.#writing.set(key, running);
    const attempt = await running;
    if (this.#writing.get(key) === running) this.#writing.delete(key);
    return attempt;
  }

  /** A write that landed after its deadline may have overtaken a later one: the key is removed again, which at worst costs a miss. */
  #strayLanded(key: string, landed: boolean): void {
    if (landed && !this.queue.distrusts(key)) this.#miss(key, { kind: 'delete' });
    this.#strays.remove(key);
    if (!this.queue.isEmpty) this.#recovery.start(this);
  }

  /** A write that must take effect: until it has, the tier's copy is not served here. */
  async #distrusting(
    key: string,
    operation: string,
    run: () => MaybePromise<boolean>,
    missed: Missed,
  ): Promise<'done' | 'queued'> {
    this.#removing.add(key);
    try {
      return (await this.#ordered(key, operation, run, missed)).ok ? 'done' : 'queued';
    } finally {
      this.#removing.remove(key);
    }
  }

  /** The tier holds what the last write said: what it missed before is history. */
  #caughtUp(key: string): void {
    if (!this.queue.isEmpty) this.queue.forget(key);
  }

  #miss(key: string, missed: Missed): void {
    this.queue.add(key, missed);
    this.#recovery.later(this);
  }
}
