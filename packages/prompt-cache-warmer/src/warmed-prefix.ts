import type { JsonObject } from '@agent-cache/wire-formats';
import type { PrefixTtl } from './cache-rules.ts';
import { type LearntArrivals, learntArrivals } from './learnt-arrivals.ts';
import type { PromptOutline } from './outline.ts';
import type { LifeCosts } from './plan-gap.ts';
import { emptyLedger, type Found, type PrefixLedger } from './prefix-ledger.ts';
import { decideBy, type PolicyDecision, type PrefixView } from './warm-policy.ts';
import type { AddOptions, PrefixStats } from './warmer-types.ts';

/** Requests before a prefix without `expect` is pinged. */
const SEEN_BEFORE_PINGS = 2;
/** Requests in a row that found nothing although pings had kept the prefix: then pings do not work for it. */
const DISPROVED = 2;

/** Everything known of one prefix in care. No clock, no timer, no I/O. */
export class WarmedPrefix {
  readonly id: string;
  readonly name: string;
  readonly outline: PromptOutline;
  readonly ledger: PrefixLedger = emptyLedger();
  readonly arrivals: LearntArrivals;
  /** undefined until a request used it */
  tenant: string | undefined;
  #state: 'running' | 'stopped' | 'ineffective' = 'running';
  #reason: string | undefined;
  #pingsLeft = 0;
  #bodyOf: () => JsonObject | Promise<JsonObject>;
  #tokens: number;
  #view: PrefixView | undefined;
  readonly #priced: (tokens: number) => PrefixView | undefined;
  #life: LifeCosts | undefined;
  #usedAt = Number.NEGATIVE_INFINITY;
  #pingsInGap = 0;
  #disproved = 0;
  readonly #isExpected: boolean;
  #isLifeOurs = false;

  constructor(
    id: string,
    outline: PromptOutline,
    bodyOf: () => JsonObject | Promise<JsonObject>,
    priced: (tokens: number) => PrefixView | undefined,
    { expect, tenant, name = id }: AddOptions,
  ) {
    this.id = id;
    this.name = name;
    this.outline = outline;
    this.#bodyOf = bodyOf;
    this.#priced = priced;
    this.tenant = tenant;
    this.#tokens = tokensOf(outline);
    this.#view = priced(this.#tokens);
    this.arrivals = learntArrivals(expect);
    this.#isExpected = expect !== undefined;
  }

  get state(): 'running' | 'stopped' | 'ineffective' {
    return this.#state;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** pings that are planned until the next request */
  get pingsLeft(): number {
    return this.#pingsLeft;
  }

  bodyOf(): JsonObject | Promise<JsonObject> {
    return this.#bodyOf();
  }

  /** No ping any more until the next request. */
  giveUp(): void {
    this.#pingsLeft = 0;
  }

  /** No ping any more at all, so its text is let go. */
  stop(reason: string): void {
    this.#state = 'stopped';
    this.#reason = reason;
    this.giveUp();
    this.#bodyOf = () => Promise.reject(new Error(reason));
  }

  /** the digest of the whole prefix */
  get digest(): string {
    return this.outline.blocks.at(-1)?.digest ?? '';
  }

  /** its lives and costs; undefined when its price is not known */
  get view(): PrefixView | undefined {
    return this.#view;
  }

  /** measured by a ping, or estimated */
  get tokens(): number {
    return this.#tokens;
  }

  /** The provider said how large the prefix is. */
  measured(tokens: number): void {
    if (tokens <= 0 || tokens === this.#tokens) return;
    this.#tokens = tokens;
    this.#view = this.#priced(tokens);
    const ttl = this.#life?.ttl;
    if (ttl !== undefined) this.#life = this.#lifeOf(ttl);
  }

  get life(): LifeCosts | undefined {
    return this.#life;
  }

  get usedAt(): number {
    return this.#usedAt;
  }

  isAlive(at: number): boolean {
    return this.#life !== undefined && at < this.#usedAt + this.#life.lifeMs;
  }

  /** Requests go out with the life that is chosen here; until then they have the life they were seen with. */
  chooseLife(): void {
    this.#isLifeOurs = true;
  }

  /** The life this prefix should be written with; undefined when nothing is known, `'none'` when it should not be. */
  wantedTtl(at: number): PrefixTtl | 'none' | undefined {
    if (!this.#knowsEnough || this.view === undefined) return undefined;
    return this.#decide(at).life?.ttl ?? 'none';
  }

  /** The life a warming request writes it with: somebody wants it there, so it is written. */
  wantedLife(at: number): LifeCosts | undefined {
    const ttl = this.wantedTtl(at);
    return this.#lifeOf(ttl === 'none' ? undefined : ttl);
  }

  get #knowsEnough(): boolean {
    return this.#isExpected || this.arrivals.seen >= SEEN_BEFORE_PINGS;
  }

  #decide(at: number): PolicyDecision {
    if (this.#view === undefined) return { life: undefined, pings: 0 };
    const { input } = this.#view;
    const lives = this.#isLifeOurs
      ? this.#view.lives
      : [this.#life ?? this.#lifeOf(undefined)].filter((life) => life !== undefined);
    const alive = this.isAlive(at) ? this.#life : undefined;
    return decideBy(this.arrivals, at, alive, { lives, input }, 10 * Math.max(1, this.arrivals.seen));
  }

  /** A real request came, asking for the life `ttl` where it wrote; without a usage it is believed to have found the prefix. */
  requested(at: number, found: Found | undefined, ttl: PrefixTtl | undefined): void {
    this.arrivals.learn(at);
    this.#verify(at, found);
    if (found === 'uncached') {
      this.#usedAt = Number.NEGATIVE_INFINITY;
      this.#pingsLeft = 0;
      return;
    }
    if (found === 'written' || !this.isAlive(at)) this.#life = this.#lifeOf(ttl);
    this.used(at);
  }

  /** It was used, by whomever: its life begins anew, and the pings are planned anew. */
  used(at: number): void {
    this.#life ??= this.#lifeOf(undefined);
    this.#usedAt = Math.max(this.#usedAt, at);
    this.#pingsInGap = 0;
    this.#pingsLeft = this.#knowsEnough ? this.#decide(at).pings : 0;
  }

  /** A ping renewed it. */
  pinged(at: number): void {
    if (!this.isAlive(at)) this.#life = this.wantedLife(at);
    this.#usedAt = Math.max(this.#usedAt, at);
    this.#pingsInGap += 1;
    this.#pingsLeft = Math.max(0, this.#pingsLeft - 1);
  }

  /** Real traffic is the proof of a ping: no second call is paid for that. */
  #verify(at: number, found: Found | undefined): void {
    if (found === 'read') this.#disproved = 0;
    else if (found !== undefined && this.#pingsInGap > 0 && this.isAlive(at)) this.#disproved += 1;
    if (this.#disproved < DISPROVED || this.#state !== 'running') return;
    this.giveUp();
    this.#state = 'ineffective';
    this.#reason = 'requests found nothing in the cache although pings had kept the prefix; see diagnose()';
  }

  #lifeOf(ttl: PrefixTtl | undefined): LifeCosts | undefined {
    const lives = this.view?.lives ?? [];
    return lives.find((life) => life.ttl === ttl) ?? lives[0];
  }

  stats(): PrefixStats {
    const { name, tokens, ledger } = this;
    const reason = this.#reason;
    const running = this.#pingsLeft > 0 ? 'warming' : 'watching';
    return {
      name,
      model: this.outline.model,
      ttl: this.#life?.ttl,
      state: this.#state === 'running' ? running : this.#state,
      reason,
      tokens,
      ...ledger,
      netUsd: ledger.savedUsd - ledger.spentUsd,
    };
  }
}

function tokensOf({ blocks }: PromptOutline): number {
  return blocks.reduce((sum, block) => sum + block.tokens, 0);
}
