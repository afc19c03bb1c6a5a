/** Calls that wait for something to happen to a key, woken by what the link brings: nobody asks again and again. */
export class Waits {
  readonly #wakes = new Map<string, Set<() => void>>();

  add(key: string, wake: () => void): () => void {
    const wakes = this.#wakes.get(key) ?? new Set();
    wakes.add(wake);
    this.#wakes.set(key, wakes);
    return () => {
      if (wakes.delete(wake) && wakes.size === 0 && this.#wakes.get(key) === wakes) this.#wakes.delete(key);
    };
  }

  wake(key: string): void {
    const wakes = this.#wakes.get(key);
    if (wakes !== undefined) for (const wake of [...wakes]) wake();
  }

  /** Something may have been missed. */
  wakeAll(): void {
    for (const key of [...this.#wakes.keys()]) this.wake(key);
  }
}
