/** A map that forgets what was not read or written for longest. */
export class BoundedMap<K, V> {
  readonly #max: number;
  readonly #items = new Map<K, V>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    const value = this.#items.get(key);
    if (value !== undefined) {
      this.#items.delete(key);
      this.#items.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.#items.delete(key);
    this.#items.set(key, value);
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#max) return;
      this.#items.delete(oldest);
    }
  }

  delete(key: K): void {
    this.#items.delete(key);
  }

  entries(): IterableIterator<[K, V]> {
    return this.#items.entries();
  }
}
