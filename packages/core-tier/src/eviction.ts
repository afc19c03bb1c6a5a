import type { Entry } from './entry.ts';

/** Scores entries when a memory tier is full: the lowest goes first. */
export interface EvictionPolicy {
  readonly name: string;
  score(
    key: string,
    entry: Entry,
    usage: { readonly hits: number; readonly lastUsedAt: number; readonly bytes: number },
  ): number;
}
