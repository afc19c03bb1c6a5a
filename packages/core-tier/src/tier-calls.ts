import { Breaker } from './breaker.ts';
import { channels } from './channels.ts';
import { Countdown } from './deadline.ts';
import { TierDeadlineError } from './errors.ts';
import type { Settings } from './options.ts';
import { reportError } from './report.ts';
import type { MaybePromise } from './tier.ts';

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

export interface Call<T> {
  /** its name in events */
  readonly operation: string;
  readonly key?: string | undefined;
  readonly deadlineMs: number;
  run(): MaybePromise<T>;
  /** The caller gave up: a failure after that says nothing about the tier. */
  readonly signal?: AbortSignal | undefined;
  onTimeout?(): void;
  /** It settled after its deadline, with the value if it succeeded. */
  onLate?(value: T | undefined): void;
}

const failed: Attempt<never> = { ok: false };

/** Calls of one tier: none throws, none outlasts its deadline, and none goes out while the breaker is open. */
export class TierCalls {
  readonly #name: string;
  readonly #breaker: Breaker | undefined;
  readonly #onSuccess: () => void;

  constructor(name: string, { breaker, now }: Settings, onSuccess: () => void) {
    this.#name = name;
    this.#onSuccess = onSuccess;
    if (breaker === false) return;
    this.#breaker = new Breaker({
      ...breaker,
      now,
      onChange: (from, to) => {
        if (channels.breaker.hasSubscribers) channels.breaker.publish({ tier: name, from, to });
      },
    });
  }

  /** A synchronous tier: no promise, no deadline. */
  now<T>(operation: string, key: string | undefined, run: () => T): Attempt<T> {
    if (!this.admits()) return failed;
    try {
      const value = run();
      this.succeeded();
      return { ok: true, value };
    } catch (error) {
      return this.failed(error, operation, key);
    }
  }

  attempt<T>(call: Call<T>): Promise<Attempt<T>> {
    if (!this.admits()) return Promise.resolve(failed);
    let result: MaybePromise<T>;
    try {
      result = call.run();
    } catch (error) {
      return Promise.resolve(this.failed(error, call.operation, call.key));
    }
    return isPromise(result) ? this.#awaited(call, result) : Promise.resolve(this.#succeededWith(result));
  }

  /** One promise for all of it: every read of a shared tier comes by here. */
  #awaited<T>(call: Call<T>, result: Promise<T>): Promise<Attempt<T>> {
    return new Promise((resolve) => {
      let over = false;
      const countdown = new Countdown(call.deadlineMs, () => {
        over = true;
        call.onTimeout?.();
        const { operation, key, deadlineMs } = call;
        resolve(this.failed(new TierDeadlineError(this.#name, operation, deadlineMs), operation, key));
      });
      result.then(
        (value) => {
          countdown.stop();
          if (over) call.onLate?.(value);
          else resolve(this.#succeededWith(value));
        },
        (error: unknown) => {
          countdown.stop();
          if (over) call.onLate?.(undefined);
          else resolve(this.#rejected(call, error));
        },
      );
    });
  }

  #succeededWith<T>(value: T): Attempt<T> {
    this.succeeded();
    return { ok: true, value };
  }

  #rejected({ signal, operation, key }: Call<unknown>, error: unknown): Attempt<never> {
    if (signal?.aborted !== true) return this.failed(error, operation, key);
    this.#breaker?.undecided();
    return failed;
  }

  /** Three steps for the hot path, which writes `now` out. */
  admits(): boolean {
    return this.#breaker === undefined || this.#breaker.admits();
  }

  get isSound(): boolean {
    return this.#breaker === undefined || this.#breaker.isSound;
  }

  succeeded(): void {
    this.#breaker?.succeeded();
    this.#onSuccess();
  }

  failed(error: unknown, operation: string, key: string | undefined): Attempt<never> {
    this.#breaker?.failed();
    const code = error instanceof TierDeadlineError ? error.code : 'ERR_CORE_TIER_FAILED';
    reportError(code, error, { tier: this.#name, operation, ...(key === undefined ? {} : { key }) });
    return failed;
  }
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
