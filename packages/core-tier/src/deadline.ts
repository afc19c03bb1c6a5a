/** Parts that a deadline is counted down in. */
const slices = 5;

/**
 * The promise's outcome, or a rejection with `late()` after `ms`. What comes after that is dropped; `onLate` hears of it, with the value if
 * there is one. Time in which this thread's own event loop was blocked does not count: nobody could have answered in it.
 */
export function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
  late: () => Error,
  onLate?: (value: T | undefined) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const countdown = new Countdown(ms, () => {
      over = true;
      reject(late());
    });
    promise.then(
      (value) => {
        countdown.stop();
        if (over) onLate?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        countdown.stop();
        if (over) onLate?.(undefined);
        else reject(error);
      },
    );
  });
}

/** A timer in parts, armed one after the other: a part that fires late, because the thread was busy, counts as no more than it is. */
export class Countdown {
  readonly #sliceMs: number;
  readonly #end: () => void;
  #leftMs: number;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(ms: number, end: () => void) {
    this.#sliceMs = Math.ceil(ms / slices);
    this.#leftMs = ms;
    this.#end = end;
    this.#arm();
  }

  #arm(): void {
    const sliceMs = Math.min(this.#sliceMs, this.#leftMs);
    this.#leftMs -= sliceMs;
    this.#timer = setTimeout(Countdown.#next, sliceMs, this);
  }

  static #next(countdown: Countdown): void {
    if (countdown.#leftMs > 0) countdown.#arm();
    // Timers come first in a turn of the event loop: the answer may be there, waiting to be read.
    else countdown.#turn = setImmediate(countdown.#end);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#turn !== undefined) clearImmediate(this.#turn);
  }
}

/** The promise's outcome, or a rejection with the signal's own reason as soon as it aborts. Leaves no listener behind. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
