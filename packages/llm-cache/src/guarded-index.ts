import type { AnswerIndex, Found, Question } from '@agent-cache/core-tier';
import { reportTrouble } from './trouble.ts';
import { within } from './within.ts';

/** An index that failed so often in a row is left alone for a while. */
const MAX_FAILURES = 5;
const REST_MS = 5_000;
/** Nobody waits for what is learned, but `flush()` must end. */
const LEARN_MS = 5_000;
const INVALIDATE_MS = 5_000;

/** What the index said. */
export interface Answered {
  readonly asked: Question;
  readonly found: Found<unknown>;
  readonly durationMs: number;
}

/** An answer index, kept from being in anybody's way: what fails or takes too long is an event. */
export class GuardedIndex {
  readonly #index: AnswerIndex;
  readonly #deadlineMs: number;
  readonly #now: () => number;
  /** tags that the index has yet to be told: until then it gives answers that were invalidated, so nobody asks it */
  readonly #owed = new Set<string>();
  #failures = 0;
  #restingUntil = Number.NEGATIVE_INFINITY;

  constructor(index: AnswerIndex, deadlineMs: number, now: () => number) {
    this.#index = index;
    this.#deadlineMs = deadlineMs;
    this.#now = now;
  }

  get #rests(): boolean {
    return this.#now() < this.#restingUntil;
  }

  /** undefined while the index rests, or owes an invalidation. */
  async find(asked: Question): Promise<Answered | undefined> {
    if (this.#rests || (this.#owed.size > 0 && (await this.invalidate([])) === 'queued')) return undefined;
    const startedAt = performance.now();
    const found = await this.#index.find<unknown>(asked);
    return { asked, found, durationMs: performance.now() - startedAt };
  }

  /** What a search brings in time. */
  async inTime(finding: Promise<Answered | undefined>): Promise<Answered | undefined> {
    try {
      const answered = await within(finding, this.#deadlineMs);
      if (answered !== undefined) this.#failures = 0;
      return answered;
    } catch (cause) {
      this.#failed('find', cause);
      return undefined;
    }
  }

  async learn(teach: (index: AnswerIndex) => Promise<void>): Promise<void> {
    if (this.#rests) return;
    try {
      await within(teach(this.#index), LEARN_MS);
    } catch (cause) {
      this.#failed('learn', cause);
    }
  }

  /** `queued`: the index is out of reach, and asked for nothing before it was told. */
  async invalidate(tags: readonly string[]): Promise<'done' | 'queued'> {
    for (const tag of tags) this.#owed.add(tag);
    const owing = [...this.#owed];
    if (owing.length === 0) return 'done';
    const tell = async (): Promise<void> => this.#index.invalidate({ tags: owing });
    try {
      await within(tell(), INVALIDATE_MS);
    } catch (cause) {
      this.#failed('invalidate', cause);
      return 'queued';
    }
    for (const tag of owing) this.#owed.delete(tag);
    return 'done';
  }

  #failed(operation: string, cause: unknown): void {
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) this.#restingUntil = this.#now() + REST_MS;
    const message = `The answer index failed to ${operation}; the answer is found without it.`;
    reportTrouble('ERR_LLM_CACHE_ANSWERS', message, { operation, cause });
  }
}
