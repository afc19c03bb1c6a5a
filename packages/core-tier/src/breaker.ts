export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** consecutive failures that open it */
  readonly failures: number;
  /** how long it stays open before one probe is let through, ms */
  readonly openMs: number;
  readonly now: () => number;
  readonly onChange: (from: BreakerState, to: BreakerState) => void;
}

/** Keeps calls away from a tier that keeps failing; after `openMs` a single probe decides whether it is back. */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: BreakerState = 'closed';
  #failures = 0;
  #openedAt = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Closed, and the last call succeeded. */
  get isSound(): boolean {
    return this.#state === 'closed' && this.#failures === 0;
  }

  /** Whether a call may go out now. The first one after `openMs` is the probe; until it ends nobody else passes. */
  admits(): boolean {
    if (this.#state === 'closed') return true;
    if (this.#state === 'half-open') return false;
    if (this.#options.now() - this.#openedAt < this.#options.openMs) return false;
    this.#move('half-open');
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    if (this.#state === 'half-open') this.#move('closed');
  }

  /** The call ended without saying anything about the tier: if it was the probe, the next call is. */
  undecided(): void {
    if (this.#state === 'half-open') this.#move('open');
  }

  failed(): void {
    this.#failures += 1;
    const opens = this.#state === 'half-open' || (this.#state === 'closed' && this.#failures >= this.#options.failures);
    if (!opens) return;
    this.#openedAt = this.#options.now();
    this.#move('open');
  }

  #move(to: BreakerState): void {
    const from = this.#state;
    this.#state = to;
    this.#options.onChange(from, to);
  }
}
