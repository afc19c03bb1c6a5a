/** What is counted, alike for every kind, model, tool and tenant. Sums only, so figures of two processes add up exactly. */
export interface Figures {
  hit: number;
  stale: number;
  joined: number;
  absent: number;
  error: number;
  miss: number;
  /** of the misses: answered by an answer index after all */
  meaning: number;
  /** upstream calls for a key of the cache */
  keyedCalls: number;
  /** upstream calls without a key: the cache was asked to stay out */
  directCalls: number;
  ok: number;
  failed: number;
  aborted: number;
  inputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  savedInputTokens: number;
  savedOutputTokens: number;
  pricedCalls: number;
  unpricedCalls: number;
  pricedHits: number;
  unpricedHits: number;
  /** what the values cost that were computed and written, whoever reports calls */
  computedInputTokens: number;
  computedOutputTokens: number;
  pricedValues: number;
  unpricedValues: number;
  stored: number;
  fenced: number;
  unstored: number;
  invalidations: number;
  spentPicoUsd: bigint;
  savedPicoUsd: bigint;
  /** of the saved: by answers of an answer index */
  meaningPicoUsd: bigint;
  promptCachePicoUsd: bigint;
  computedPicoUsd: bigint;
}

export function createFigures(): Figures {
  return {
    hit: 0,
    stale: 0,
    joined: 0,
    absent: 0,
    error: 0,
    miss: 0,
    meaning: 0,
    keyedCalls: 0,
    directCalls: 0,
    ok: 0,
    failed: 0,
    aborted: 0,
    inputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    savedInputTokens: 0,
    savedOutputTokens: 0,
    pricedCalls: 0,
    unpricedCalls: 0,
    pricedHits: 0,
    unpricedHits: 0,
    computedInputTokens: 0,
    computedOutputTokens: 0,
    pricedValues: 0,
    unpricedValues: 0,
    stored: 0,
    fenced: 0,
    unstored: 0,
    invalidations: 0,
    spentPicoUsd: 0n,
    savedPicoUsd: 0n,
    meaningPicoUsd: 0n,
    promptCachePicoUsd: 0n,
    computedPicoUsd: 0n,
  };
}

type Money = 'spentPicoUsd' | 'savedPicoUsd' | 'meaningPicoUsd' | 'promptCachePicoUsd' | 'computedPicoUsd';
type Count = Exclude<keyof Figures, Money>;

const MONEY: readonly Money[] = [
  'spentPicoUsd',
  'savedPicoUsd',
  'meaningPicoUsd',
  'promptCachePicoUsd',
  'computedPicoUsd',
];
const COUNTS: readonly Count[] = (Object.keys(createFigures()) as (keyof Figures)[]).filter(
  (name): name is Count => !MONEY.some((money) => money === name),
);

export function mergeFigures(into: Figures, from: Figures): void {
  for (const name of COUNTS) into[name] += from[name];
  for (const name of MONEY) into[name] += from[name];
}

/** Zeros are left out; money is a decimal string, as JSON has no bigint. */
export type FiguresJson = Readonly<Record<string, number | string>>;

export function figuresToJson(figures: Figures): FiguresJson {
  const json: Record<string, number | string> = {};
  for (const name of COUNTS) if (figures[name] !== 0) json[name] = figures[name];
  for (const name of MONEY) if (figures[name] !== 0n) json[name] = String(figures[name]);
  return json;
}

/** @throws SyntaxError when money is no decimal number. */
export function figuresFromJson(json: FiguresJson): Figures {
  const figures = createFigures();
  for (const name of COUNTS) figures[name] = Number(json[name] ?? 0);
  for (const name of MONEY) figures[name] = BigInt(json[name] ?? 0);
  return figures;
}

/**
 * What was used and spent: by the calls that were reported, or, where nobody reports calls (a plain `getOrSet` that states its cost), by
 * the values that were computed. Never by both, as a call ends in a value.
 */
export function withSpending(figures: Figures): Figures {
  if (callsOf(figures) > 0) return figures;
  return {
    ...figures,
    inputTokens: figures.computedInputTokens,
    outputTokens: figures.computedOutputTokens,
    pricedCalls: figures.pricedValues,
    unpricedCalls: figures.unpricedValues,
    spentPicoUsd: figures.computedPicoUsd,
  };
}

/** Reads the cache answered by itself: stored answers of every kind, those found by meaning included, but no joins. */
export function hitsOf(figures: Figures): number {
  return storedOf(figures) + figures.meaning;
}

/** A hit by meaning was told as a miss before, so it is one lookup with it. */
export function lookupsOf(figures: Figures): number {
  return storedOf(figures) + figures.joined + figures.miss;
}

function storedOf(figures: Figures): number {
  return figures.hit + figures.stale + figures.absent + figures.error;
}

export function callsOf(figures: Figures): number {
  return figures.keyedCalls + figures.directCalls;
}

/**
 * What callers asked for. A lookup is a request, and so is an upstream call without a key; calls with keys in excess of the lookups come
 * from a cache that is switched off (it looks nothing up).
 */
export function requestsOf(figures: Figures): number {
  return Math.max(lookupsOf(figures), figures.keyedCalls) + figures.directCalls;
}
