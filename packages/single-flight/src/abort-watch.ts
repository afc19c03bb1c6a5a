/**
 * One listener per signal however many callers share it: a thousand of them would be a thousand entries to search, and in
 * some versions of Node.js a warning.
 */
class AbortWatch {
  readonly #signal: AbortSignal;
  readonly #callbacks = new Set<(reason: unknown) => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this, { once: true });
  }

  add(callback: (reason: unknown) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#remove(callback);
  }

  handleEvent(): void {
    watches.delete(this.#signal);
    // A callback may take others out (the last caller's work ends them), and a Set allows that while it is walked.
    for (const callback of this.#callbacks) callback(this.#signal.reason);
    this.#callbacks.clear();
  }

  #remove(callback: (reason: unknown) => void): void {
    if (!this.#callbacks.delete(callback) || this.#callbacks.size > 0 || this.#signal.aborted) return;
    this.#signal.removeEventListener('abort', this);
    watches.delete(this.#signal);
  }
}

const watches = new WeakMap<AbortSignal, AbortWatch>();

/** Calls back once with the reason when the signal aborts; the answer takes the callback out again. */
export function onAbort(signal: AbortSignal, callback: (reason: unknown) => void): () => void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new AbortWatch(signal);
    watches.set(signal, watch);
  }
  return watch.add(callback);
}
