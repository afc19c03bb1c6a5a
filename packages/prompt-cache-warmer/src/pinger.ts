import { channels } from '@agent-cache/core-tier';
import type { Usage } from '@agent-cache/cost-table';
import { createDailyBudget, type DailyBudget } from './daily-budget.ts';
import { PromptCacheWarmerError } from './errors.ts';
import { createFleet, type Fleet, type PingRight } from './fleet.ts';
import { type Found, foundIn } from './prefix-ledger.ts';
import type { Schedule } from './schedule.ts';
import { type Sent, sendWarm } from './send-warm.ts';
import { warmRequest } from './warm-request.ts';
import type { WarmedPrefix } from './warmed-prefix.ts';
import type { WarmerOptions, WarmResult } from './warmer-types.ts';

/** After a 429 nothing is sent for a while, twice as long each time. */
const FIRST_BACKOFF_MS = 60_000;

/** Sends warming requests: when it is this process's turn, within the budget, and not while the provider wants quiet. */
export class Pinger {
  readonly #options: WarmerOptions;
  readonly #now: () => number;
  readonly #budget: DailyBudget;
  readonly #fleet: Fleet;
  #backoffUntil = 0;
  #backoffMs = FIRST_BACKOFF_MS;

  constructor(options: WarmerOptions, now: () => number, schedule: Schedule) {
    this.#options = options;
    this.#now = now;
    this.#budget = createDailyBudget(options.budgetUsd, now);
    this.#fleet = createFleet(options.tier, schedule);
  }

  get spentTodayUsd(): number {
    return this.#budget.spentTodayUsd;
  }

  /** Real traffic used the prefix, which others need not ping then. */
  used(prefix: WarmedPrefix, at: number): void {
    this.#fleet.used(prefix, at);
  }

  /** A ping that was planned; `isStillDue` is asked once it is this process's turn. */
  async ping(prefix: WarmedPrefix, isStillDue: () => boolean): Promise<void> {
    const before = prefix.usedAt;
    const turn = await this.#fleet.turn(prefix, this.#now());
    if ('unknown' in turn) prefix.giveUp();
    else if ('usedAt' in turn) othersUsed(prefix, turn.usedAt, turn.byTraffic);
    else if (!isStillDue() || prefix.usedAt !== before) await turn.right.giveBack().catch(() => {});
    else {
      const result = await this.#sendInTurn(prefix, turn.right);
      if (!isSuccess(result)) prefix.giveUp();
    }
  }

  /** Warms a prefix now, unless it is warm. Never rejects. */
  async warm(prefix: WarmedPrefix): Promise<WarmResult> {
    const none = { prefix: prefix.id, usd: 0 };
    if (prefix.isAlive(this.#now())) return { ...none, outcome: 'already warm' };
    if (prefix.state === 'stopped') return { ...none, outcome: 'refused', reason: prefix.reason };
    const turn = await this.#fleet.turn(prefix, this.#now());
    if ('unknown' in turn) return { ...none, outcome: 'others warm it', reason: 'no turn to warm it was to be had' };
    if ('usedAt' in turn) {
      othersUsed(prefix, turn.usedAt, turn.byTraffic);
      return { ...none, outcome: 'already warm' };
    }
    const result = await this.#sendInTurn(prefix, turn.right);
    if (isSuccess(result)) prefix.used(prefix.usedAt);
    return result;
  }

  async #sendInTurn(prefix: WarmedPrefix, right: PingRight): Promise<WarmResult> {
    const result = await this.#send(prefix);
    // A right that cannot be given back ends by itself.
    await (isSuccess(result) ? right.done(prefix.usedAt) : right.giveBack()).catch(() => {});
    return result;
  }

  async #send(prefix: WarmedPrefix): Promise<WarmResult> {
    const at = this.#now();
    const none = { prefix: prefix.id, usd: 0 };
    const alive = prefix.isAlive(at) ? prefix.life : undefined;
    const cold = prefix.wantedLife(at);
    if (prefix.view === undefined || cold === undefined)
      return refused(prefix, `the price of ${prefix.outline.model} is not known`);
    if (!this.#budget.allows((alive?.read ?? cold.write) / 1e12)) {
      return { ...none, outcome: 'over budget', reason: 'the daily budget is spent' };
    }
    if (at < this.#backoffUntil)
      return { ...none, outcome: 'failed', reason: 'the provider had too many requests a while ago' };
    try {
      const { format, model } = prefix.outline;
      const request = warmRequest(await prefix.bodyOf(), { format, model, ttl: (alive ?? cold).ttl });
      if ('refused' in request) return refused(prefix, request.refused);
      return this.#booked(prefix, at, await sendWarm(this.#options.send, request, this.#options));
    } catch (cause) {
      return this.#failed(prefix, { ok: false, status: undefined, isFinal: false, cause });
    }
  }

  #booked(prefix: WarmedPrefix, sentAt: number, sent: Sent): WarmResult {
    if (!sent.ok) return this.#failed(prefix, sent);
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#budget.spend(sent.usd);
    prefix.ledger.pings += 1;
    prefix.ledger.spentUsd += sent.usd;
    const outcome: Found = foundIn(sent.usage, prefix.tokens) ?? 'read';
    const none = { prefix: prefix.id, usd: sent.usd };
    if (outcome === 'uncached') {
      return { ...none, outcome, reason: 'the provider cached nothing: the prefix may be below its minimum' };
    }
    prefix.measured(cachedTokens(sent.usage));
    // The life began at the provider some time after this: the earlier moment is the safe one.
    prefix.pinged(sentAt);
    return { ...none, outcome };
  }

  #failed(prefix: WarmedPrefix, { status, isFinal, cause }: Extract<Sent, { ok: false }>): WarmResult {
    const reason = `${status === undefined ? '' : `status ${status}: `}${cause instanceof Error ? cause.message : String(cause)}`;
    const message = `${prefix.name} could not be warmed (${reason}); ${isFinal ? 'it is not tried again: add() it anew when that is mended' : 'it is tried again after the next request'}.`;
    const error = new PromptCacheWarmerError('ERR_PROMPT_CACHE_WARMER_PING', message, {
      prefix: prefix.id,
      status,
      cause,
    });
    if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'ping' });
    if (isFinal) prefix.stop(reason);
    if (status === 429) {
      this.#backoffUntil = this.#now() + this.#backoffMs;
      this.#backoffMs *= 2;
    }
    return { prefix: prefix.id, usd: 0, outcome: 'failed', reason };
  }
}

function isSuccess({ outcome }: WarmResult): boolean {
  return outcome === 'read' || outcome === 'written';
}

function refused(prefix: WarmedPrefix, reason: string): WarmResult {
  prefix.stop(reason);
  return { prefix: prefix.id, usd: 0, outcome: 'refused', reason };
}

function othersUsed(prefix: WarmedPrefix, usedAt: number, byTraffic: boolean): void {
  if (byTraffic) {
    prefix.arrivals.learn(usedAt);
    prefix.used(usedAt);
  } else prefix.pinged(usedAt);
}

function cachedTokens(usage: Usage | undefined): number {
  const written = Object.values(usage?.cacheWriteTokens ?? {}).reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return (usage?.cacheReadTokens ?? 0) + written;
}
