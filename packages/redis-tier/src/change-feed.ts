import type { Change } from '@agent-cache/core-tier';

/** How long the first connection may take before copies above are no longer served. */
const startMs = 100;

/** Tells listeners what others changed, and when that can no longer be known. */
export class ChangeFeed {
  readonly #listeners = new Set<(change: Change) => void>();
  #state: 'starting' | 'sound' | 'unsure' = 'starting';
  /** something may have been missed */
  #gap = false;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#timer = setTimeout(() => this.lost(), startMs);
    this.#timer.unref();
  }

  get isSound(): boolean {
    return this.#state === 'sound';
  }

  onChange(listener: (change: Change) => void): () => void {
    // A listener of its own for every call: the same function may be registered twice and taken away once.
    const own = (change: Change): void => listener(change);
    this.#listeners.add(own);
    if (this.#state === 'unsure') own('unsure');
    return () => void this.#listeners.delete(own);
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** The link does not answer. What it brings later is still complete. */
  doubt(): void {
    if (this.#state === 'unsure') return;
    this.#stopStarting();
    this.#state = 'unsure';
    this.tell('unsure');
  }

  /** The link is gone, and with it what happens until there is a new one. */
  lost(): void {
    this.#gap = true;
    this.doubt();
  }

  /** The link answers, and has brought everything since the last gap. */
  sound(): void {
    this.#stopStarting();
    const before = this.#state;
    this.#state = 'sound';
    if (before !== 'unsure') return;
    if (this.#gap) this.tell('all');
    this.#gap = false;
    this.tell('in-step');
  }

  close(): void {
    this.#stopStarting();
    this.#listeners.clear();
  }

  #stopStarting(): void {
    clearTimeout(this.#timer);
  }
}
