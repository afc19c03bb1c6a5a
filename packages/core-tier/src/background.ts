/** Work that callers do not wait for, so that `flush` can. */
export class Background {
  readonly #running = new Set<Promise<unknown>>();

  /** The work must report its own failures; one that rejects all the same is dropped here. */
  track(work: Promise<unknown>): void {
    const settled: Promise<void> = work.then(
      () => this.#done(settled),
      () => this.#done(settled),
    );
    this.#running.add(settled);
  }

  #done(work: Promise<void>): void {
    this.#running.delete(work);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
