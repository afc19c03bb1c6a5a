/** What an index has done; plain numbers, cheap to count. */
export class Counts {
  lookups = 0;
  hits = 0;
  sameWords = 0;
  answers = 0;
  wordings = 0;
  refused = 0;
  evicted = 0;
  reembedded = 0;
  readonly misses: Record<string, number> = {};
  readonly vetoes: Record<string, number> = {};

  miss(reason: string): void {
    this.misses[reason] = (this.misses[reason] ?? 0) + 1;
  }

  veto(guard: string): void {
    this.vetoes[guard] = (this.vetoes[guard] ?? 0) + 1;
  }
}
