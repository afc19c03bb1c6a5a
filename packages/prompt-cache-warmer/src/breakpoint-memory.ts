import { type LearntArrivals, learntArrivals } from './learnt-arrivals.ts';
import type { PromptOutline } from './outline.ts';

/** How many earlier requests of one kind decide where the next is marked. */
const OUTLINES = 32;
const KINDS = 64;
const BREAKPOINTS = 500;

/** What is kept of requests that went by: outlines, never text. */
export interface BreakpointMemory {
  /** earlier requests of this kind (tenant, API, model), oldest first */
  recent(kind: string): readonly PromptOutline[];
  remember(kind: string, outline: PromptOutline, breakpoints: readonly { readonly digest: string }[]): void;
  /** when requests came that begin with what is marked there */
  arrivalsAt(kind: string, digest: string): LearntArrivals | undefined;
  /** A real request came. */
  learn(kind: string, outline: PromptOutline, at: number): void;
}

export function createBreakpointMemory(): BreakpointMemory {
  const outlines = new Map<string, PromptOutline[]>();
  const breakpoints = new Map<string, LearntArrivals>();
  const keyOf = (kind: string, digest: string): string => `${kind}\0${digest}`;
  return {
    recent: (kind) => outlines.get(kind) ?? [],
    remember(kind, outline, marked) {
      const kept = [...(outlines.get(kind) ?? []).slice(1 - OUTLINES), outline];
      renew(outlines, kind, kept, KINDS);
      for (const { digest } of marked) {
        const key = keyOf(kind, digest);
        renew(breakpoints, key, breakpoints.get(key) ?? learntArrivals(), BREAKPOINTS);
      }
    },
    arrivalsAt: (kind, digest) => breakpoints.get(keyOf(kind, digest)),
    learn(kind, { blocks }, at) {
      for (const { digest } of blocks) breakpoints.get(keyOf(kind, digest))?.learn(at);
    },
  };
}

/** Puts an entry behind all others; the oldest makes room. */
function renew<V>(map: Map<string, V>, key: string, value: V, atMost: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > atMost) map.delete(map.keys().next().value ?? '');
}
