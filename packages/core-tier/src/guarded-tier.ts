import type { Background } from './background.ts';
import { Breaker } from './breaker.ts';
import { channels } from './channels.ts';
import { withDeadline } from './deadline.ts';
import type { Entry } from './entry.ts';
import { TierDeadlineError } from './errors.ts';
import type { Claim, ClaimOptions, Lease } from './lease.ts';
import type { Settings } from './options.ts';
import { type Missed, RecoveryQueue } from './recovery-queue.ts';
import { reportError } from './report.ts';
import type { MaybePromise, SetOptions, Tier } from './tier.ts';

/** Writes of one tier remembered while it is out of reach. */
const maxMissedKeys = 1_000;

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

interface RecoveryHooks {
  /** The tier answered with something still to be replayed. */
  start(guard: GuardedTier): void;
  /** It missed something. */
  later(guard: GuardedTier): void;
}

const failed: Attempt<never> = { ok: false };

/** A tier that cannot hurt: it never throws, answers within a deadline, and is left alone for a while when it keeps failing. */
export class GuardedTier {
  readonly tier: Tier;
  readonly name: string;
  readonly index: number;
  readonly queue: RecoveryQueue = new RecoveryQueue(maxMissedKeys);
  /** its authority has not heard of every invalidation made here */
  owesTags = false;
  readonly #breaker: Breaker | undefined;
  readonly #hardMs: number;
  readonly #recovery: RecoveryHooks;
  /** keys with a write under way: writes of one key keep their order, whatever the tier does */
  readonly #writing = new Map<string, Promise<unknown>>();
  /** removals under way: until they are done the tier's copy is not to be trusted */
  readonly #removing = new Map<string, number>();
  /** writes that passed their deadline and may still land: until they have, the tier's copy is not to be trusted either */
  readonly #strays = new Map<string, number>();

  constructor(tier: Tier, index: number, settings: Settings, recovery: RecoveryHooks) {
    this.tier = tier;
    this.name = tier.name;
    this.index = index;
    this.#hardMs = settings.hardMs;
    this.#recovery = recovery;
    if (settings.breaker === false) return;
    this.#breaker = new Breaker({
      ...settings.breaker,
      now: settings.now,
      onChange: (from, to) => {
        if (channels.breaker.hasSubscribers) channels.breaker.publish({ tier: this.name, from, to });
      },
    });
  }

  get isOpen(): boolean {
    return this.#breaker !== undefined && this.#breaker.state !== 'closed';
  }

  /** Whether the tier may still hold a copy that was invalidated. */
  distrusts(key: string): boolean {
    return this.#removing.has(key) || this.#strays.has(key) || (!this.queue.isEmpty && this.queue.distrusts(key));
  }

  // --- A leading synchronous tier: no promise, no deadline.

  readNow(key: string): Entry | undefined {
    if (!this.queue.isEmpty && this.queue.distrusts(key)) return undefined;
    if (this.#breaker !== undefined && !this.#breaker.admits()) return undefined;
    try {
      const entry = this.tier.get(key) as Entry | undefined;
      this.#succeeded();
      return entry;
    } catch (error) {
      this.#failed(error, 'get', key);
      return undefined;
    }
  }

  writeNow(key: string, entry: Entry): boolean {
    const attempt = this.#now('set', key, () => this.tier.set(key, entry) as boolean);
    // The old copy, if any, is not to be served in place of the new one.
    if (attempt.ok) this.#caughtUp(key);
    else this.#miss(key, { kind: 'replace', entry });
    return attempt.ok && attempt.value;
  }

  removeNow(key: string): boolean {
    const attempt = this.#now('delete', key, () => this.tier.delete(key) as boolean);
    if (attempt.ok) this.#caughtUp(key);
    else this.#miss(key, { kind: 'delete' });
    return attempt.ok;
  }

  #now<T>(operation: string, key: string | undefined, run: () => T): Attempt<T> {
    if (this.#breaker !== undefined && !this.#breaker.admits()) return failed;
    try {
      const value = run();
      this.#succeeded();
      return { ok: true, value };
    } catch (error) {
      return this.#failed(error, operation, key);
    }
  }

  // --- Any other tier.

  async read(key: string, deadlineMs: number): Promise<Entry | undefined> {
    if (!(await this.#settled(key, deadlineMs))) return undefined;
    const attempt = await this.attempt('get', key, deadlineMs, () => this.tier.get(key));
    return attempt.ok && !this.distrusts(key) ? attempt.value : undefined;
  }

  async readMany(keys: readonly string[], deadlineMs: number): Promise<readonly (Entry | undefined)[] | undefined> {
    const { tier } = this;
    if (tier.synchronous === true || tier.getMany === undefined) return undefined;
    const attempt = await this.attempt('getMany', undefined, deadlineMs, () => tier.getMany?.(keys) ?? []);
    if (!attempt.ok) return keys.map(() => undefined);
    return keys.map((key, at) => (this.distrusts(key) ? undefined : attempt.value[at]));
  }

  async claim(key: string, options: ClaimOptions, deadlineMs: number): Promise<Claim | undefined> {
    if (!(await this.#settled(key, deadlineMs))) return undefined;
    const giveBack = (claim: Claim | undefined): void => {
      if (claim?.state === 'lease') void this.release(claim.lease);
    };
    const attempt = await this.attempt<Claim | undefined>(
      'claim',
      key,
      deadlineMs,
      async () => this.tier.claim?.(key, options),
      giveBack,
    );
    if (!attempt.ok) return undefined;
    if (!this.distrusts(key)) return attempt.value;
    giveBack(attempt.value);
    return undefined;
  }

  async release(lease: Lease): Promise<void> {
    await this.attempt('release', undefined, this.#hardMs, () => lease.release());
  }

  /** "refused": something newer or an invalidation is there. "missed": the tier is out of reach and gets it later, if it still fits. */
  async fill(key: string, entry: Entry, options?: SetOptions, lease?: Lease): Promise<'stored' | 'refused' | 'missed'> {
    const attempt = await this.#ordered(key, lease === undefined ? 'set' : 'commit', () =>
      lease === undefined ? this.tier.set(key, entry, options) : lease.commit(entry),
    );
    if (attempt.ok && attempt.value) this.#caughtUp(key);
    if (attempt.ok) return attempt.value ? 'stored' : 'refused';
    this.#miss(key, { kind: 'fill', entry });
    return 'missed';
  }

  async replace(key: string, entry: Entry): Promise<'done' | 'queued'> {
    return this.#distrusting(key, async () => {
      const attempt = await this.#ordered(key, 'set', () => this.tier.set(key, entry));
      if (attempt.ok) this.#caughtUp(key);
      else this.#miss(key, { kind: 'replace', entry });
      return attempt.ok ? 'done' : 'queued';
    });
  }

  async remove(key: string): Promise<'done' | 'queued'> {
    return this.#distrusting(key, async () => {
      const attempt = await this.#ordered(key, 'delete', () => this.tier.delete(key));
      if (attempt.ok) this.#caughtUp(key);
      else this.#miss(key, { kind: 'delete' });
      return attempt.ok ? 'done' : 'queued';
    });
  }

  async clear(): Promise<boolean> {
    return (await this.attempt('clear', undefined, this.#hardMs, () => this.tier.clear())).ok;
  }

  /** Everything it holds may be outdated. A synchronous tier is emptied now; another behind, and is not trusted until it is. */
  forgetAll(background: Background): void {
    if (this.tier.synchronous === true) {
      if (this.#now('clear', undefined, () => this.tier.clear()).ok) return;
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

  /** One call to the tier, behind the breaker, within the deadline; failures end up on `agent-cache:error`. */
  async attempt<T>(
    operation: string,
    key: string | undefined,
    deadlineMs: number,
    run: () => MaybePromise<T>,
    onLate?: (value: T | undefined) => void,
    onTimeout?: () => void,
  ): Promise<Attempt<T>> {
    if (this.#breaker !== undefined && !this.#breaker.admits()) return failed;
    try {
      const result = run();
      const late = (): Error => new TierDeadlineError(this.name, operation, deadlineMs);
      const value = isPromise(result) ? await withDeadline(result, deadlineMs, late, onLate) : result;
      this.#succeeded();
      return { ok: true, value };
    } catch (error) {
      if (error instanceof TierDeadlineError) onTimeout?.();
      return this.#failed(error, operation, key);
    }
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

  async #ordered<T>(key: string, operation: string, run: () => MaybePromise<T>): Promise<Attempt<T>> {
    const before = this.#writing.get(key);
    const go = (): Promise<Attempt<T>> =>
      this.attempt(
        operation,
        key,
        this.#hardMs,
        run,
        (value) => this.#strayLanded(key, value !== undefined),
        () => addOne(this.#strays, key),
      );
    const running = before === undefined ? go() : before.then(go);
    this.#writing.set(key, running);
    const attempt = await running;
    if (this.#writing.get(key) === running) this.#writing.delete(key);
    return attempt;
  }

  /** A write that landed after its deadline may have overtaken a later one: the key is removed again, which at worst costs a miss. */
  #strayLanded(key: string, landed: boolean): void {
    if (landed && !this.queue.distrusts(key)) this.#miss(key, { kind: 'delete' });
    removeOne(this.#strays, key);
    if (!this.queue.isEmpty) this.#recovery.start(this);
  }

  async #distrusting<T>(key: string, run: () => Promise<T>): Promise<T> {
    addOne(this.#removing, key);
    try {
      return await run();
    } finally {
      removeOne(this.#removing, key);
    }
  }

  #succeeded(): void {
    this.#breaker?.succeeded();
    if (this.owesTags || !this.queue.isEmpty) this.#recovery.start(this);
  }

  /** The tier holds what the last write said: what it missed before is history. */
  #caughtUp(key: string): void {
    if (!this.queue.isEmpty) this.queue.forget(key);
  }

  #miss(key: string, missed: Missed): void {
    this.queue.add(key, missed);
    this.#recovery.later(this);
  }

  #failed(error: unknown, operation: string, key: string | undefined): Attempt<never> {
    this.#breaker?.failed();
    const code = error instanceof TierDeadlineError ? error.code : 'ERR_CORE_TIER_FAILED';
    reportError(code, error, { tier: this.name, operation, ...(key === undefined ? {} : { key }) });
    return failed;
  }
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function removeOne(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left === 0) counts.delete(key);
  else counts.set(key, left);
}
