import type { Waits } from './waits.ts';

/** What happened to a key since we began to care, which is before we asked: nothing is missed in between. */
export class News {
  readonly end: () => void;
  #arrived = false;
  #wake: (() => void) | undefined;
  #waited = false;

  constructor(waits: Waits, key: string) {
    this.end = waits.add(key, () => {
      this.#arrived = true;
      this.#wake?.();
    });
  }

  /** Somebody waits for it, and ends it. */
  waited(): void {
    this.#waited = true;
  }

  endUnlessWaited(): void {
    if (!this.#waited) this.end();
  }

  /** Resolves when there is news, after `ms`, or when a signal says so. */
  next(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal?.removeEventListener('abort', done);
        this.#arrived = false;
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#arrived ? 0 : ms);
      this.#wake = done;
      for (const signal of signals) {
        if (signal?.aborted) done();
        else signal?.addEventListener('abort', done, { once: true });
      }
    });
  }
}
