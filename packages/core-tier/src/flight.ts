import type { BatchReader } from './batch-reader.ts';
import type { Entry } from './entry.ts';
import type { Lease } from './lease.ts';
import type { Epoch } from './tags.ts';

/** What the tiers said: an entry, or that a value is to be computed. */
export type Found =
  | {
      readonly state: 'hit';
      readonly entry: Entry;
      readonly tier: string;
      readonly stale: boolean;
      /** of a stale or soon ending entry: nobody else is at it, so this flight goes on and computes behind */
      readonly refresh: boolean;
    }
  | { readonly state: 'fill' };

/** Nobody waits any more. */
export interface Deserted {
  readonly state: 'deserted';
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  const made = Promise.withResolvers<T>();
  // Whoever waits hears of a rejection; when nobody does, it is nobody's.
  made.promise.catch(() => undefined);
  return made;
}

/** One key on its way through the lower tiers and, when they do not have it, through its computation. */
export class Flight {
  readonly key: string;
  readonly startedAt: number;
  /** how many invalidations had been seen when it began */
  readonly tick: number;
  /** tags known before the value is */
  readonly tags: readonly string[];
  /** where the tag authority stood before the value was computed */
  epoch: Epoch | undefined;
  lease: Lease | undefined;
  heartbeat: ReturnType<typeof setInterval> | undefined;
  /** its key was invalidated or written by somebody else meanwhile: what it brings is not stored */
  fenced = false;
  /** by somebody elsewhere: it happened before we heard of it, so callers may have joined in between */
  overtaken = false;
  /** it ended without a value */
  abandoned = false;
  /** nobody waits for it, it refreshes a stale entry */
  behind = false;
  /** it takes no stored value for an answer */
  anew = false;
  /** its computation has begun, so a caller that wants a newer value cannot join it */
  computing = false;
  live: (() => ReadableStream<Uint8Array>) | undefined;
  /** set when it is one of many that are read together */
  batch: BatchReader | undefined;
  readonly #opened = deferred<Found>();
  readonly #announced = deferred<void>();
  readonly #elsewhere = deferred<void>();
  readonly #computed = deferred<Entry | undefined>();
  readonly #controller = new AbortController();
  readonly #onDeserted: (flight: Flight) => void;
  #waiting = 0;

  constructor(
    key: string,
    startedAt: number,
    tick: number,
    tags: readonly string[],
    onDeserted: (flight: Flight) => void,
  ) {
    this.key = key;
    this.startedAt = startedAt;
    this.tick = tick;
    this.tags = tags;
    this.#onDeserted = onDeserted;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get opened(): Promise<Found> {
    return this.#opened.promise;
  }

  /** after the caller that computes has had its turn, so that it could share its bytes */
  get announced(): Promise<void> {
    return this.#announced.promise;
  }

  /** once another process turned out to compute the value */
  get waitsElsewhere(): Promise<void> {
    return this.#elsewhere.promise;
  }

  /** the computed entry, not necessarily stored; undefined when the flight ended without one */
  get computed(): Promise<Entry | undefined> {
    return this.#computed.promise;
  }

  open(found: Found): void {
    this.behind = found.state === 'hit';
    this.#opened.resolve(found);
    // nextTick runs when the microtasks are through: by then the leader's continuation has run.
    queueMicrotask(() => process.nextTick(() => this.#announced.resolve()));
  }

  waitElsewhere(): void {
    this.#elsewhere.resolve();
  }

  resolve(entry: Entry | undefined): void {
    this.#computed.resolve(entry);
  }

  reject(error: unknown): void {
    this.#opened.reject(error);
    this.#announced.resolve();
    this.#computed.reject(error);
  }

  /** Takes part in the wait until `promise` settles. The caller's own abort rejects only itself, with its own reason. */
  wait<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    if (signal === undefined) return promise;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        this.#leave(signal.reason);
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      const stay = (): void => signal.removeEventListener('abort', leave);
      promise.then(
        (value) => {
          stay();
          resolve(value);
        },
        (error: unknown) => {
          stay();
          reject(error);
        },
      );
    });
  }

  /** Gives the flight up as a whole. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  #leave(reason: unknown): void {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.behind) return;
    this.#onDeserted(this);
    this.#controller.abort(reason);
  }
}
