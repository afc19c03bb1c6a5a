import type { Usage } from '@agent-cache/cost-table';
import type { JsonObject } from '@agent-cache/wire-formats';
import { PING_AT } from './break-even.ts';
import { type BreakpointMemory, createBreakpointMemory } from './breakpoint-memory.ts';
import { cacheRulesOf, type PrefixTtl } from './cache-rules.ts';
import { type Facts, factsOf, kindOf, takesMarkers } from './observed-request.ts';
import { outlineOf, type PromptOutline } from './outline.ts';
import { Pinger } from './pinger.ts';
import { type Breakpoint, planBreakpoints } from './plan-breakpoints.ts';
import { chooseLife } from './plan-gap.ts';
import { bookRequest, foundIn } from './prefix-ledger.ts';
import { priceView } from './price-view.ts';
import type { PromptFormat } from './prompt-format.ts';
import { type Schedule, scheduleUnref } from './schedule.ts';
import { tenantOfCredential } from './tenant.ts';
import type { PrefixView } from './warm-policy.ts';
import { WarmedPrefix } from './warmed-prefix.ts';
import type {
  AddOptions,
  ObservedAnswer,
  ObservedRequest,
  Warmer,
  WarmerOptions,
  WarmerStats,
  WarmResult,
} from './warmer-types.ts';

/** Pings are spread over this part of a life before their time, so that many prefixes do not go at once. */
const JITTER = 0.04;
/** Requests at a breakpoint before its life is chosen by what they cost. */
const SEEN_BEFORE_CHOICE = 20;

type Body = JsonObject | Promise<JsonObject>;

export class PromptCacheWarmer implements Warmer {
  readonly #options: WarmerOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #schedule: Schedule;
  readonly #pinger: Pinger;
  readonly #memory: BreakpointMemory = createBreakpointMemory();
  readonly #prefixes = new Map<string, WarmedPrefix>();
  readonly #timers = new Map<string, () => void>();
  #isRunning = false;

  constructor(options: WarmerOptions) {
    const { now = Date.now, random = Math.random, schedule = scheduleUnref } = options;
    this.#options = options;
    this.#now = now;
    this.#random = random;
    this.#schedule = schedule;
    this.#pinger = new Pinger(options, now, schedule);
  }

  async add(prefix: JsonObject | (() => Body), options: AddOptions = {}): Promise<string> {
    const bodyOf = typeof prefix === 'function' ? prefix : always(prefix);
    const outline = outlineOf(await bodyOf(), options);
    const { format, model } = outline;
    const id = outline.blocks.at(-1)?.digest ?? '';
    const key = options.tenant === undefined ? id : `${id}@${options.tenant}`;
    this.remove(key);
    this.#prefixes.set(
      key,
      new WarmedPrefix(key, outline, bodyOf, (tokens) => this.#viewOf(format, model, tokens), options),
    );
    return key;
  }

  remove(id: string): boolean {
    this.#cancel(id);
    return this.#prefixes.delete(id);
  }

  start(): void {
    this.#isRunning = true;
    for (const prefix of this.#prefixes.values()) this.#plan(prefix);
  }

  stop(): void {
    this.#isRunning = false;
    for (const id of this.#timers.keys()) this.#cancel(id);
  }

  async warm(id?: string): Promise<readonly WarmResult[]> {
    const chosen = [...this.#prefixes.values()].filter((prefix) => id === undefined || prefix.id === id);
    return Promise.all(
      chosen.map(async (prefix) => {
        const result = await this.#pinger.warm(prefix);
        this.#plan(prefix);
        return result;
      }),
    );
  }

  async fanOut<T>(id: string, calls: readonly (() => Promise<T>)[]): Promise<T[]> {
    const prefix = this.#prefixes.get(id);
    const life = prefix?.view?.lives[0];
    const pays = life === undefined || calls.length > life.write / (life.write - life.read);
    if (prefix?.isAlive(this.#now()) || !pays) return Promise.all(calls.map((call) => call()));
    const [result] = prefix === undefined ? [] : await this.warm(id);
    const isWarm = result !== undefined && ['written', 'read', 'already warm'].includes(result.outcome);
    if (isWarm) return Promise.all(calls.map((call) => call()));
    const [first, ...rest] = calls;
    if (first === undefined) return [];
    const leading = first();
    // It goes ahead until it is answered; whether well or not is for the caller to see.
    await leading.catch(() => {});
    return Promise.all([leading, ...rest.map((call) => call())]);
  }

  /** Bound, so that it can be handed over as it is. */
  readonly prepare = (request: ObservedRequest): JsonObject | undefined => {
    const facts = factsOf(request);
    if (facts === undefined || !takesMarkers(facts, request.url, this.#options.provider)) return undefined;
    const { format, model } = facts;
    const tenant = this.#tenantOf(request);
    const kind = kindOf(tenant, facts);
    const added = [...this.#prefixes.values()].filter(
      (prefix) => prefix.tenant === undefined || prefix.tenant === tenant,
    );
    const plan = planBreakpoints(request.body, {
      format,
      model,
      history: [...added.map(({ outline }) => markedAtEnd(outline)), ...this.#memory.recent(kind)],
      ttlOf: (breakpoint) => this.#ttlAt(kind, facts, added, breakpoint),
    });
    this.#memory.remember(kind, plan.outline, plan.breakpoints);
    return plan.body === request.body ? undefined : plan.body;
  };

  /** Bound as well. */
  readonly observe = ({ request, usage }: ObservedAnswer): void => {
    const facts = factsOf(request);
    if (facts === undefined) return;
    const at = this.#now();
    const tenant = this.#tenantOf(request);
    const outline = outlineOf(request.body, facts);
    const kind = kindOf(tenant, facts);
    const planned = this.#memory
      .recent(kind)
      .findLast(({ blocks }) => blocks.at(-1)?.digest === outline.blocks.at(-1)?.digest);
    this.#memory.learn(kind, outline, at);
    for (const prefix of this.#prefixes.values()) {
      if (!begins(outline, prefix) || (prefix.tenant ?? tenant) !== tenant) continue;
      prefix.tenant ??= tenant;
      this.#requested(prefix, at, usage, markedTtl(planned ?? outline, prefix));
    }
  };

  stats(): WarmerStats {
    const prefixes = [...this.#prefixes.values()].map((prefix) => prefix.stats());
    const total = (field: 'requests' | 'reads' | 'writes' | 'pings' | 'spentUsd' | 'savedUsd' | 'netUsd'): number =>
      prefixes.reduce((sum, one) => sum + one[field], 0);
    return {
      requests: total('requests'),
      reads: total('reads'),
      writes: total('writes'),
      pings: total('pings'),
      spentUsd: total('spentUsd'),
      savedUsd: total('savedUsd'),
      netUsd: total('netUsd'),
      spentTodayUsd: this.#pinger.spentTodayUsd,
      prefixes,
    };
  }

  #viewOf(format: PromptFormat, model: string, promptTokens: number): PrefixView | undefined {
    const { prices, provider } = this.#options;
    return priceView({ model, format, prices, provider, promptTokens: Math.max(1, promptTokens), at: this.#now() });
  }

  #tenantOf(request: ObservedRequest): string {
    return (this.#options.tenantOf ?? tenantOfCredential)(request);
  }

  /** A prefix in care has the life its arrivals ask for; another breakpoint too, once enough requests came by. */
  #ttlAt(
    kind: string,
    facts: Facts,
    added: readonly WarmedPrefix[],
    { digest, tokens }: Omit<Breakpoint, 'ttl'>,
  ): PrefixTtl | 'none' {
    const shortest = cacheRulesOf(facts.format, facts.model).lives[0]?.ttl ?? '5m';
    const now = this.#now();
    const prefix = added.find((one) => one.digest === digest);
    if (prefix !== undefined)
      return prefix.isAlive(now) ? (prefix.life?.ttl ?? shortest) : (prefix.wantedTtl(now) ?? shortest);
    const arrivals = this.#memory.arrivalsAt(kind, digest);
    if (arrivals === undefined || arrivals.seen < SEEN_BEFORE_CHOICE) return shortest;
    const view = this.#viewOf(facts.format, facts.model, tokens);
    if (view === undefined) return shortest;
    const lives = view.lives.map((life) => ({ ...life, canPing: false }));
    return chooseLife(arrivals, now, lives, view.input).life?.ttl ?? 'none';
  }

  #requested(prefix: WarmedPrefix, at: number, usage: Usage | undefined, ttl: PrefixTtl | undefined): void {
    const found = foundIn(usage, prefix.tokens);
    prefix.requested(at, found, ttl);
    bookRequest(prefix.ledger, found, prefix.view, prefix.life?.write ?? 0);
    if (found !== 'uncached') this.#pinger.used(prefix, at);
    this.#plan(prefix);
  }

  /** Sets the timer of the next ping, or none. */
  #plan(prefix: WarmedPrefix): void {
    this.#cancel(prefix.id);
    const { life } = prefix;
    if (!this.#isRunning || prefix.state !== 'running' || prefix.pingsLeft < 1 || life === undefined) return;
    const dueAt = prefix.usedAt + (PING_AT - JITTER * this.#random()) * life.lifeMs;
    const delayMs = Math.max(0, dueAt - this.#now());
    this.#timers.set(
      prefix.id,
      this.#schedule(() => void this.#due(prefix), delayMs),
    );
  }

  #cancel(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  async #due(prefix: WarmedPrefix): Promise<void> {
    this.#timers.delete(prefix.id);
    const isKept = (): boolean => this.#isRunning && this.#prefixes.get(prefix.id) === prefix;
    if (prefix.isAlive(this.#now())) await this.#pinger.ping(prefix, isKept);
    else prefix.giveUp();
    if (isKept()) this.#plan(prefix);
  }
}

/** Apart from everything else that is kept of a prefix, so that its text can be let go alone. */
function always(body: JsonObject): () => JsonObject {
  return () => body;
}

function begins({ format, model, blocks }: PromptOutline, prefix: WarmedPrefix): boolean {
  const { outline, digest } = prefix;
  return format === outline.format && model === outline.model && blocks[outline.blocks.length - 1]?.digest === digest;
}

function markedTtl({ blocks }: PromptOutline, { outline }: WarmedPrefix): PrefixTtl | undefined {
  return blocks[outline.blocks.length - 1]?.marked;
}

/** A prefix in care is written at its end, whether or not a request was seen yet. */
function markedAtEnd(outline: PromptOutline): PromptOutline {
  const last = outline.blocks.at(-1);
  const marked = cacheRulesOf(outline.format, outline.model).lives[0]?.ttl;
  return last === undefined ? outline : { ...outline, blocks: [...outline.blocks.slice(0, -1), { ...last, marked }] };
}
