import { onAbort } from './abort-watch.ts';
import { AbandonedError, ReentrantWorkError } from './errors.ts';
import type { WorkContext } from './single-flight.ts';
import { WorkSignal } from './work-signal.ts';

export type FlightEnd = 'done' | 'failed' | 'abandoned';

export interface FlightHooks<T> {
  /** once, before any caller hears of it */
  ended(flight: Flight<T>, how: FlightEnd): void;
  /** the value, before any caller gets it; what this throws is a failure of the work */
  accept?(value: T): void;
  /** a value that came when nobody waited any more */
  discard?(value: T): void;
}

interface Caller<T> {
  readonly take: (value: T) => void;
  readonly reject: (error: unknown) => void;
  unwatch: (() => void) | undefined;
  hasLeft: boolean;
}

/** One piece of work and everybody who waits for it. */
export class Flight<T> {
  readonly key: string;
  readonly work: WorkSignal = new WorkSignal();
  readonly #hooks: FlightHooks<T>;
  /** whoever came, also those who left again: marking them is cheaper than a Set for the one caller most work has */
  readonly #callers: Caller<T>[] = [];
  #waiting = 0;
  #isStarting = false;
  #hasEnded = false;

  constructor(key: string, hooks: FlightHooks<T>) {
    this.key = key;
    this.#hooks = hooks;
  }

  start(work: (context: WorkContext) => T | Promise<T>): void {
    this.#isStarting = true;
    let outcome: Promise<T>;
    try {
      outcome = Promise.resolve(work(this.work));
    } catch (error) {
      outcome = Promise.reject(error);
    }
    this.#isStarting = false;
    outcome.then(
      (value) => this.#succeed(value),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Waits for the value; `use` runs for every caller in the same turn, before any of them goes on. */
  join<R>(signal: AbortSignal | undefined, use: (value: T) => R): Promise<R> {
    if (this.#isStarting || this.work.is(signal)) return Promise.reject(new ReentrantWorkError(this.key));
    return new Promise<R>((resolve, reject) => {
      const caller: Caller<T> = { take: (value) => resolve(use(value)), reject, unwatch: undefined, hasLeft: false };
      this.#callers.push(caller);
      this.#waiting++;
      if (signal !== undefined) caller.unwatch = onAbort(signal, (reason) => this.#leave(caller, reason));
    });
  }

  #succeed(value: T): void {
    if (this.#hasEnded) {
      this.#hooks.discard?.(value);
      return;
    }
    try {
      this.#hooks.accept?.(value);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#end('done');
    for (const caller of this.#callers) {
      if (caller.hasLeft) continue;
      caller.unwatch?.();
      caller.take(value);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    this.#end('failed');
    for (const caller of this.#callers) {
      if (caller.hasLeft) continue;
      caller.unwatch?.();
      caller.reject(error);
    }
  }

  #leave(caller: Caller<T>, reason: unknown): void {
    caller.hasLeft = true;
    caller.reject(reason);
    if (--this.#waiting > 0) return;
    this.#end('abandoned');
    this.work.abort(new AbandonedError(reason));
  }

  #end(how: FlightEnd): void {
    this.#hasEnded = true;
    this.#hooks.ended(this, how);
  }
}
