/** Clocks drift by less than a millisecond in that time. */
const lookEveryMs = 10_000;

/**
 * The server's clock as we last saw it. It orders nothing: it only lets the server refuse a write that was under way for too long, in a socket or in
 * a stopped process, where no deadline of ours reaches it.
 */
export class ServerTime {
  readonly #ask: () => Promise<readonly number[]>;
  readonly #timer: NodeJS.Timeout;
  #aheadMs: number | undefined;
  #asking = false;

  /** `ask` gives the time of every server, in ms */
  constructor(ask: () => Promise<readonly number[]>) {
    this.#ask = ask;
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
  }

  /** The server's time in so many ms; never later than that, unless several servers disagree. */
  inMs(ms: number): string {
    // Not seen yet: nothing is refused.
    if (this.#aheadMs === undefined) return '1e300';
    return (performance.now() + this.#aheadMs + ms).toFixed(3);
  }

  /** Something does not fit: it is looked at again. */
  doubt(): void {
    void this.look();
  }

  async look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const times = await this.#ask();
      // As if the answer had taken no time: too early rather than too late.
      if (times.length > 0) this.#aheadMs = Math.max(...times) - performance.now();
    } catch {
      // The connection is gone; the next one looks for itself.
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The reply of TIME in ms. */
export function timeFrom(reply: unknown): number {
  const [seconds, microseconds] = reply as [Buffer, Buffer];
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
}
