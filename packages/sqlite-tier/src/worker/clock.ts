/** The callers' clock between their messages: it goes on from the last time they told, at the speed of this thread's clock. */
export class CallerClock {
  #told = Date.now();
  #toldAt = performance.now();

  tell(now: number): void {
    this.#told = now;
    this.#toldAt = performance.now();
  }

  now(): number {
    return this.#told + (performance.now() - this.#toldAt);
  }
}
