/** Keeps calls away from something that has just failed; after a while one call tries whether it is back. */
export class Rest {
  readonly #restMs: number;
  readonly #now: () => number;
  #until: number | undefined;
  #isTrying = false;

  constructor(restMs: number, now: () => number) {
    this.#restMs = restMs;
    this.#now = now;
  }

  /** Whether a call may go out now. Who is admitted tells how it went. */
  admits(): boolean {
    if (this.#until === undefined) return true;
    if (this.#isTrying || this.#now() < this.#until) return false;
    this.#isTrying = true;
    return true;
  }

  succeeded(): void {
    this.#until = undefined;
    this.#isTrying = false;
  }

  failed(): void {
    this.#until = this.#now() + this.#restMs;
    this.#isTrying = false;
  }
}
