import type { Entry } from '../entry.ts';
import type { AsyncTier, Change, SyncTier, Tier } from '../tier.ts';

/** What chaos can befall. `commit`, `renew` and `release` are those of the leases that `claim` hands out. */
export type ChaosOperation =
  | 'get'
  | 'getMany'
  | 'set'
  | 'setMany'
  | 'delete'
  | 'clear'
  | 'claim'
  | 'commit'
  | 'renew'
  | 'release'
  | 'epoch'
  | 'bump'
  | 'since'
  | 'read'
  | 'write'
  | 'drop'
  | 'list';

/** The levers. Each works on the operations named, or on all of them, until `heal()`; the last one pulled counts. */
export interface Chaos {
  /** Operations throw (or reject with) `error`, and do nothing. */
  fail(error?: unknown, operations?: readonly ChaosOperation[]): void;
  /** Operations do not begin until the returned function is called; when it never is, they hang. Not for synchronous tiers. */
  hold(operations?: readonly ChaosOperation[]): () => void;
  /** Writes are answered as if they had been done. */
  loseWrites(): void;
  /** Reads answer with this instead of an entry that is there. */
  corrupt(entry: unknown): void;
  /** Everything works again. What was held stays held until its own function is called. */
  heal(): void;
  /** Changes of others are not delivered any more; listeners hear "unsure". */
  cutLink(): void;
  /** Changes are delivered again; listeners hear "in-step". What passed meanwhile is lost. */
  mendLink(): void;
  /** what was asked of the tier since it was made, in order */
  readonly calls: readonly { readonly operation: ChaosOperation; readonly key?: string | undefined }[];
}

/** A tier with levers. */
export type ChaosTier<T extends Tier = AsyncTier> = T & { readonly chaos: Chaos };

/**
 * Wraps a tier so that a test can make it throw, hang, forget or lie. Without a lever pulled it behaves like the tier it wraps, and has the same
 * capabilities.
 */
export function chaosTier(tier: SyncTier): ChaosTier<SyncTier>;
export function chaosTier(tier: AsyncTier): ChaosTier<AsyncTier>;
export function chaosTier(tier: Tier): ChaosTier<Tier> {
  const switchboard = new Switchboard(tier.synchronous === true);
  const wrapped: Record<string, unknown> = { chaos: switchboard, name: tier.name };
  if (tier.synchronous === true) wrapped.synchronous = true;
  for (const operation of ['get', 'getMany', 'set', 'setMany', 'delete', 'clear'] as const) {
    wrapOne(wrapped, tier, operation, switchboard);
  }
  if (tier.tags) wrapped.tags = wrapAll(tier.tags, ['epoch', 'bump', 'since'], switchboard);
  if (tier.records) wrapped.records = wrapAll(tier.records, ['read', 'write', 'drop', 'list'], switchboard);
  if (tier.claim) wrapped.claim = claimOf(tier, switchboard);
  if (tier.onChange) wrapped.onChange = switchboard.linkOf(tier.onChange.bind(tier));
  if (tier.stats) wrapped.stats = tier.stats.bind(tier);
  if (tier.close) wrapped.close = tier.close.bind(tier);
  // Built member by member from a tier, so that a capability the tier lacks is absent here too; the compiler cannot follow that.
  return wrapped as unknown as ChaosTier<Tier>;
}

type Mode =
  | { readonly kind: 'fail'; readonly error: unknown; readonly operations?: readonly ChaosOperation[] | undefined }
  | {
      readonly kind: 'hold';
      readonly until: Promise<void>;
      readonly operations?: readonly ChaosOperation[] | undefined;
    }
  | { readonly kind: 'lose' }
  | { readonly kind: 'corrupt'; readonly entry: unknown };

/** What a write answers when it was lost. */
const lostAnswers: Partial<Record<ChaosOperation, unknown>> = {
  set: true,
  setMany: undefined,
  delete: true,
  clear: undefined,
  commit: true,
};

class Switchboard implements Chaos {
  readonly calls: { operation: ChaosOperation; key?: string | undefined }[] = [];
  readonly #synchronous: boolean;
  readonly #listeners = new Set<(change: Change) => void>();
  #mode: Mode | undefined;
  #linked = true;

  constructor(synchronous: boolean) {
    this.#synchronous = synchronous;
  }

  fail(error: unknown = new Error('chaos: this tier fails'), operations?: readonly ChaosOperation[]): void {
    this.#mode = { kind: 'fail', error, operations };
  }

  hold(operations?: readonly ChaosOperation[]): () => void {
    if (this.#synchronous) throw new TypeError('a synchronous tier cannot be held: it answers or throws');
    const { promise, resolve } = Promise.withResolvers<void>();
    const mode: Mode = { kind: 'hold', until: promise, operations };
    this.#mode = mode;
    return () => {
      if (this.#mode === mode) this.#mode = undefined;
      resolve();
    };
  }

  loseWrites(): void {
    this.#mode = { kind: 'lose' };
  }

  corrupt(entry: unknown): void {
    this.#mode = { kind: 'corrupt', entry };
  }

  heal(): void {
    this.#mode = undefined;
  }

  cutLink(): void {
    this.#linked = false;
    for (const listener of this.#listeners) listener('unsure');
  }

  mendLink(): void {
    this.#linked = true;
    for (const listener of this.#listeners) listener('in-step');
  }

  linkOf(onChange: NonNullable<Tier['onChange']>): NonNullable<Tier['onChange']> {
    return (listener) => {
      const own = (change: Change): void => listener(change);
      this.#listeners.add(own);
      const stop = onChange((change) => {
        if (this.#linked) own(change);
      });
      return () => {
        this.#listeners.delete(own);
        stop();
      };
    };
  }

  /** Runs an operation, or what has befallen it. */
  run(operation: ChaosOperation, key: unknown, work: () => unknown): unknown {
    this.calls.push({ operation, key: typeof key === 'string' ? key : undefined });
    const mode = this.#mode;
    if (mode === undefined || !befalls(mode, operation)) return work();
    switch (mode.kind) {
      case 'fail':
        if (this.#synchronous) throw mode.error;
        return Promise.reject(mode.error);
      case 'hold':
        return mode.until.then(work);
      case 'lose':
        return this.#synchronous ? lostAnswers[operation] : Promise.resolve(lostAnswers[operation]);
      case 'corrupt':
        return this.#synchronous
          ? corrupted(operation, work(), mode.entry)
          : Promise.resolve(work()).then((answer) => corrupted(operation, answer, mode.entry));
    }
  }
}

function befalls(mode: Mode, operation: ChaosOperation): boolean {
  if (mode.kind === 'lose') return operation in lostAnswers;
  if (mode.kind === 'corrupt') return operation === 'get' || operation === 'getMany' || operation === 'claim';
  return mode.operations?.includes(operation) ?? true;
}

function corrupted(operation: ChaosOperation, answer: unknown, entry: unknown): unknown {
  if (operation === 'getMany') return (answer as (Entry | undefined)[]).map((each) => each && entry);
  if (operation === 'get') return answer && entry;
  const claim = answer as { readonly state: string };
  return claim.state === 'hit' ? { ...claim, entry } : claim;
}

function wrapOne(target: Record<string, unknown>, source: object, operation: ChaosOperation, board: Switchboard): void {
  const method: unknown = Reflect.get(source, operation);
  if (typeof method !== 'function') return;
  target[operation] = (...args: unknown[]) => board.run(operation, args[0], () => method.apply(source, args));
}

function wrapAll<S extends object>(source: S, operations: readonly ChaosOperation[], board: Switchboard): S {
  const target: Record<string, unknown> = {};
  for (const operation of operations) wrapOne(target, source, operation, board);
  return target as S;
}

function claimOf(tier: Tier, board: Switchboard): NonNullable<Tier['claim']> {
  const target: Record<string, unknown> = {};
  wrapOne(target, tier, 'claim', board);
  const claim = target.claim as NonNullable<Tier['claim']>;
  return async (key, options) => {
    const claimed = await claim(key, options);
    if (claimed.state !== 'lease') return claimed;
    const lease = claimed.lease;
    return {
      ...claimed,
      lease: {
        renew: async () => (await board.run('renew', key, () => lease.renew())) as boolean,
        commit: async (entry) => (await board.run('commit', key, () => lease.commit(entry))) as boolean,
        release: async () => {
          await board.run('release', key, () => lease.release());
        },
      },
    };
  };
}
