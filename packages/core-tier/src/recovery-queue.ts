import type { Entry } from './entry.ts';

/** What a tier missed about one key. `replace` is a delete and then a fill. */
export type Missed =
  | { readonly kind: 'fill'; readonly entry: Entry }
  | { readonly kind: 'delete' }
  | { readonly kind: 'replace'; readonly entry: Entry };

/** The newest missed write per key. Fills are dropped when it is full; when even the invalidations do not fit, it says so. */
export class RecoveryQueue {
  readonly #maxKeys: number;
  readonly #missed = new Map<string, Missed>();
  #overflowed = false;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get isEmpty(): boolean {
    return this.#missed.size === 0 && !this.#overflowed;
  }

  /** Invalidations were too many to remember one by one: only a bump of the whole namespace makes up for them. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Whether the tier may still hold something of this key that was invalidated. */
  distrusts(key: string): boolean {
    if (this.#overflowed) return true;
    const missed = this.#missed.get(key);
    return missed !== undefined && missed.kind !== 'fill';
  }

  add(key: string, missed: Missed): void {
    const before = this.#missed.get(key);
    const follows = missed.kind === 'fill' && before !== undefined && before.kind !== 'fill';
    this.#missed.delete(key);
    this.#missed.set(key, follows ? { kind: 'replace', entry: missed.entry } : missed);
    if (this.#missed.size > this.#maxKeys) this.#makeRoom();
  }

  /** Invalidations first, then what only warms the tier. */
  next(): readonly [key: string, missed: Missed] | undefined {
    for (const item of this.#missed) if (item[1].kind !== 'fill') return item;
    for (const item of this.#missed) return item;
    return undefined;
  }

  /** Still to be done, and nothing newer took its place. */
  holds(key: string, missed: Missed): boolean {
    return this.#missed.get(key) === missed;
  }

  /** A later write or removal got through: what was missed before it no longer matters. */
  forget(key: string): void {
    this.#missed.delete(key);
  }

  /** Everything the tier holds may have been invalidated. */
  distrustAll(): void {
    this.#missed.clear();
    this.#overflowed = true;
  }

  /** The namespace was bumped, or the tier emptied. */
  madeUp(): void {
    this.#overflowed = false;
  }

  #makeRoom(): void {
    for (const [key, { kind }] of this.#missed) {
      if (kind !== 'fill') continue;
      this.#missed.delete(key);
      return;
    }
    this.distrustAll();
  }
}
