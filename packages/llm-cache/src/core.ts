import type { FactsTable } from './body-facts.ts';
import type { GuardedIndex } from './guarded-index.ts';
import type { Settings } from './options.ts';
import type { Pricing } from './pricing.ts';
import type { CredentialDigest } from './secret.ts';

/** What all calls of one cache share. */
export interface Core {
  readonly settings: Settings;
  readonly facts: FactsTable;
  readonly digest: CredentialDigest;
  readonly pricing: Pricing;
  /** undefined without an answer index */
  readonly index: GuardedIndex | undefined;
  readonly counts: { -readonly [Field in keyof Counts]: Counts[Field] };
  /** answers that came in full and wait for their price before they are stored */
  readonly unpriced: Set<Promise<void>>;
  /** answers on their way to the index */
  readonly lessons: Set<Promise<void>>;
  /** `AGENT_CACHE=off`: nothing is looked up, stored or joined */
  readonly isOff: boolean;
}

/** What a cache has done since it was made. */
export interface Counts {
  /** requests to known APIs */
  readonly calls: number;
  /** answered from the cache, stale answers included */
  readonly hits: number;
  readonly stale: number;
  /** hits by the answer to a question in other words */
  readonly semantic: number;
  /** answered by another caller's upstream call */
  readonly joined: number;
  /** answered by an upstream call of their own */
  readonly misses: number;
  /** not cacheable, or told to pass the cache by */
  readonly bypassed: number;
  /** calls that reached a provider */
  readonly upstream: number;
  /** answers that were handed to the tiers */
  readonly stored: number;
}
