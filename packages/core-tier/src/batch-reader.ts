import type { Entry } from './entry.ts';
import type { GuardedTier } from './guarded-tier.ts';

type Answer = (entry: Entry | undefined) => void;

/** Reads that many flights of one call want from the same tier at the same time, as one `getMany`. */
export class BatchReader {
  readonly #deadlineMs: number;
  readonly #waiting = new Map<GuardedTier, Map<string, Answer>>();

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  read(guard: GuardedTier, key: string): Promise<Entry | undefined> {
    if (!guard.readsMany) return guard.read(key, this.#deadlineMs);
    return new Promise((resolve) => {
      const batch = this.#waiting.get(guard) ?? this.#begin(guard);
      batch.set(key, resolve);
    });
  }

  #begin(guard: GuardedTier): Map<string, Answer> {
    const batch = new Map<string, Answer>();
    this.#waiting.set(guard, batch);
    // The flights go through the tiers side by side: by the next turn all of them have asked.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#waiting.delete(guard);
        void this.#answer(guard, batch);
      }),
    );
    return batch;
  }

  async #answer(guard: GuardedTier, batch: ReadonlyMap<string, Answer>): Promise<void> {
    const entries = await guard.readMany([...batch.keys()], this.#deadlineMs);
    let at = 0;
    for (const answer of batch.values()) {
      answer(entries[at]);
      at += 1;
    }
  }
}
