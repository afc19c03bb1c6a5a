import type { EntryCost, UpstreamMessage } from '@agent-cache/core-tier';
import type { Usage } from '@agent-cache/cost-table';
import type { Figures } from './figures.ts';
import type { Pricer } from './pricer.ts';
import { cacheWriteTokensOf, usageOf } from './usage-of.ts';

type Lines = readonly Figures[];

/** Values of these kinds have a price even where nobody stated it; others (a tool's result) may simply be free. */
const PRICED_KINDS: ReadonlySet<string> = new Set(['llm', 'embedding']);

/** What a message says about the worth of a value. */
interface Worth {
  readonly kind?: string | undefined;
  readonly cost?: EntryCost | undefined;
}

/** Books what `answers` stored or shared answers of this cost saved. */
export function bookSaving(lines: Lines, { kind, cost }: Worth, pricer: Pricer, answers = 1): void {
  const usage = usageOf(undefined, cost);
  if (usage !== undefined) bookSavedTokens(lines, usage, answers);
  quoteCost(kind, cost, pricer, (picoUsd) => bookSavedMoney(lines, picoUsd, answers));
}

/** Books what an answer saved that an answer index found; callers who joined it are booked as any others. */
export function bookMeaning(lines: Lines, worth: Worth, pricer: Pricer, joined: number): void {
  bookSaving(lines, worth, pricer, 1 + joined);
  quoteCost(worth.kind, worth.cost, pricer, (picoUsd = 0n) => {
    for (const figures of lines) figures.meaningPicoUsd += picoUsd;
  });
}

/** Hands `use` the price of a value, or undefined when it has one that is not known. What has no price (a tool's result) is not booked. */
function quoteCost(
  kind: string | undefined,
  cost: EntryCost | undefined,
  pricer: Pricer,
  use: (picoUsd: bigint | undefined) => void,
): void {
  const usage = usageOf(undefined, cost);
  if (cost?.picoUsd !== undefined) use(cost.picoUsd);
  else if (cost?.model !== undefined && usage !== undefined) pricer.quote(cost.model, usage, undefined, use);
  else if (cost?.model !== undefined || PRICED_KINDS.has(kind ?? '')) use(undefined);
}

/** Books what a computed value cost: it counts as spent where nobody reports the calls behind it. */
export function bookValue(lines: Lines, { kind, cost }: Worth, pricer: Pricer): void {
  const usage = usageOf(undefined, cost);
  if (usage !== undefined)
    for (const figures of lines) {
      figures.computedInputTokens += usage.inputTokens;
      figures.computedOutputTokens += usage.outputTokens;
    }
  const book = (picoUsd: bigint | undefined): void => {
    for (const figures of lines) {
      figures[picoUsd === undefined ? 'unpricedValues' : 'pricedValues']++;
      figures.computedPicoUsd += picoUsd ?? 0n;
    }
  };
  quoteCost(kind, cost, pricer, book);
}

/** Books what an upstream call used and cost, and what it saved those who joined it. */
export function bookCall(
  lines: Lines,
  message: UpstreamMessage,
  { model, joined }: { readonly model: string | undefined; readonly joined: number },
  pricer: Pricer,
): void {
  const usage = usageOf(message.usage, message.cost);
  if (usage !== undefined) bookTokens(lines, usage, joined);
  const book = (picoUsd: bigint | undefined): void => {
    bookSpentMoney(lines, picoUsd);
    if (joined > 0) bookSavedMoney(lines, picoUsd, joined);
  };
  if (message.cost?.picoUsd !== undefined) book(message.cost.picoUsd);
  else if (model !== undefined && usage !== undefined) pricer.quote(model, usage, message.provider, book);
  else if (isBilled(message, model)) book(undefined);
  if (model !== undefined && usage?.cacheReadTokens) bookPromptCache(lines, { model, usage, message }, pricer);
}

/** A call that failed without a usage is not billed; one that broke off may be. */
function isBilled({ outcome, kind }: UpstreamMessage, model: string | undefined): boolean {
  return outcome !== 'failed' && (model !== undefined || PRICED_KINDS.has(kind ?? ''));
}

/** The provider's own prompt cache saved the difference to the same call with every cached token read at the price of a fresh one. */
function bookPromptCache(
  lines: Lines,
  { model, usage, message }: { model: string; usage: Usage; message: UpstreamMessage },
  pricer: Pricer,
): void {
  pricer.quote(model, usage, message.provider, (discounted) => {
    if (discounted === undefined) return;
    const uncached = { ...usage, cacheReadTokens: 0, cacheReadAudioTokens: 0 };
    pricer.quote(model, uncached, message.provider, (full = discounted) => {
      for (const figures of lines) figures.promptCachePicoUsd += full - discounted;
    });
  });
}

function bookTokens(lines: Lines, usage: Usage, joined: number): void {
  for (const figures of lines) {
    figures.inputTokens += usage.inputTokens;
    figures.outputTokens += usage.outputTokens;
    figures.reasoningTokens += usage.reasoningTokens ?? 0;
    figures.cacheReadTokens += usage.cacheReadTokens ?? 0;
    figures.cacheWriteTokens += cacheWriteTokensOf(usage);
  }
  if (joined > 0) bookSavedTokens(lines, usage, joined);
}

function bookSavedTokens(lines: Lines, usage: Usage, answers: number): void {
  for (const figures of lines) {
    figures.savedInputTokens += usage.inputTokens * answers;
    figures.savedOutputTokens += usage.outputTokens * answers;
  }
}

function bookSpentMoney(lines: Lines, picoUsd: bigint | undefined): void {
  for (const figures of lines) {
    if (picoUsd === undefined) figures.unpricedCalls++;
    else {
      figures.pricedCalls++;
      figures.spentPicoUsd += picoUsd;
    }
  }
}

function bookSavedMoney(lines: Lines, picoUsd: bigint | undefined, answers: number): void {
  const saved = picoUsd === undefined || answers === 1 ? picoUsd : picoUsd * BigInt(answers);
  for (const figures of lines) {
    if (saved === undefined) figures.unpricedHits += answers;
    else {
      figures.pricedHits += answers;
      figures.savedPicoUsd += saved;
    }
  }
}
