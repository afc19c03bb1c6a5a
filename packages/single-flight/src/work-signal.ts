/** An abort signal that costs nothing until the work looks at it, which most work never does. */
export class WorkSignal {
  #controller: AbortController | undefined;
  #reason: unknown;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  is(signal: AbortSignal | undefined): boolean {
    return signal !== undefined && this.#controller?.signal === signal;
  }
}
