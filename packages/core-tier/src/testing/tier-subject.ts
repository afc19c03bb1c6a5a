import type { Entry } from '../entry.ts';
import type { MaybePromise, Tier } from '../tier.ts';
import { type TestClock, type TestRunner, testClock } from './runner.ts';

/** What `tierConformance` tests. */
export interface TierSubject {
  /** title of the suite */
  readonly name: string;
  /** A new, empty tier that tells the time by `clock.now`. Two calls make two tiers that share nothing. */
  readonly create: (clock: TestClock) => MaybePromise<Tier>;
  readonly capabilities?: TierCapabilities;
}

/** What the tier can do beyond get, set, delete and clear. A test fails when the tier and this list disagree. */
export interface TierCapabilities {
  /** @default false */
  readonly synchronous?: boolean;
  /** has `claim` @default false */
  readonly claim?: boolean;
  /** has `tags` @default false */
  readonly tags?: boolean;
  /** has `records`; `recordsConformance` tests them @default false */
  readonly records?: boolean;
  /** has `onChange`; needs `peer` @default false */
  readonly changes?: boolean;
  /** Another tier on the store of `tier`, as a second process would open it. */
  readonly peer?: (tier: Tier, clock: TestClock) => MaybePromise<Tier>;
  /** Makes the tag authority lose its state, as a flush or failover would. */
  readonly loseState?: (tier: Tier) => MaybePromise<void>;
  /** false when values handed in and out are shared: memory tiers. @default the opposite of `synchronous` */
  readonly copies?: boolean;
}

/** One test's world: made before it, closed after it. */
export interface TierContext {
  readonly tier: Tier;
  readonly clock: TestClock;
  /** a second instance on the same store */
  peer(): Promise<Tier>;
  /** a tier that shares nothing with the first */
  stranger(): Promise<Tier>;
}

/** Declares one test. */
export type TierTest = (title: string, body: (context: TierContext) => Promise<void>) => void;

/** Gives every test tiers of its own and closes them whatever happens. */
export function tierTests(runner: TestRunner, subject: TierSubject): TierTest {
  return (title, body) => {
    runner.test(title, async () => {
      const clock = testClock();
      const opened: Tier[] = [];
      const keep = (tier: Tier): Tier => {
        opened.push(tier);
        return tier;
      };
      try {
        const tier = keep(await subject.create(clock));
        await body({
          tier,
          clock,
          peer: async () => keep(await peerOf(subject, tier, clock)),
          stranger: async () => keep(await subject.create(clock)),
        });
      } finally {
        for (const tier of opened.reverse()) await tier.close?.();
      }
    });
  };
}

function peerOf(subject: TierSubject, tier: Tier, clock: TestClock): MaybePromise<Tier> {
  const peer = subject.capabilities?.peer;
  if (peer === undefined) throw new TypeError(`${subject.name}: this test needs the capability "peer"`);
  return peer(tier, clock);
}

/** A live entry that ends in a minute unless `more` says otherwise. */
export function entryAt(clock: TestClock, value: unknown, more: Partial<Entry> = {}): Entry {
  return { value, createdAt: clock.now(), expiresAt: clock.now() + 60_000, ...more };
}
