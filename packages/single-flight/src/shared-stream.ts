import { isUint8Array } from 'node:util/types';
import { onAbort } from './abort-watch.ts';
import { AbandonedError, StreamTooLongError } from './errors.ts';
import type { JoinOptions, SharedStream, ShareStreamOptions } from './single-flight.ts';
import type { Segment, WholeStream } from './stream-log.ts';
import { StreamLog } from './stream-log.ts';

type Bytes = ReadableStream<Uint8Array>;

interface Follower {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  at: Segment;
  unwatch: (() => void) | undefined;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads one source of bytes once for any number of followers. Nothing is read before a follower asks; the fastest one sets
 * the pace until it is `maxBytes` ahead of the slowest. Each follower gets every chunk from the first on, cut as the source
 * cut it (empty chunks are left out), in copies of its own: what it does to them reaches nobody else.
 *
 * @throws TypeError when the source is locked, or `maxBytes` is not a positive integer.
 */
export function shareStream(source: Bytes | Promise<Bytes>, options: ShareStreamOptions = {}): SharedStream {
  return new OneSource(source, options);
}

class OneSource implements SharedStream {
  readonly #options: ShareStreamOptions;
  readonly #maxBytes: number;
  readonly #log: StreamLog;
  readonly #followers = new Set<Follower>();
  /** followers that asked for a chunk which has not come yet */
  #waiting = new Set<Follower>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isReading = false;
  #readsOn = false;
  #state: 'open' | 'done' | 'failed' | 'abandoned' = 'open';
  #error: unknown;
  #abandonReason: unknown;
  #whole: PromiseWithResolvers<WholeStream> | undefined;

  constructor(source: Bytes | Promise<Bytes>, options: ShareStreamOptions) {
    const { maxBytes = DEFAULT_MAX_BYTES } = options;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
      throw new TypeError(`shareStream: \`maxBytes\` must be a positive integer, not ${maxBytes}.`);
    }
    this.#options = options;
    this.#maxBytes = maxBytes;
    this.#log = new StreamLog(maxBytes);
    if (source instanceof Promise) {
      source.then((stream) => this.#open(stream)).catch((error: unknown) => this.#fail(error));
    } else {
      this.#open(source);
    }
  }

  get followers(): number {
    return this.#followers.size;
  }

  get joinable(): boolean {
    return this.#log.hasBeginning && this.#state !== 'abandoned';
  }

  get whole(): Promise<WholeStream> {
    if (this.#whole === undefined) {
      this.#whole = Promise.withResolvers();
      // Whoever asked hears of a failure from the same promise; this keeps one that nobody waits for from ending the process.
      this.#whole.promise.catch(() => undefined);
      this.#settleWhole();
    }
    return this.#whole.promise;
  }

  soFar(): WholeStream | undefined {
    return this.#log.whole();
  }

  follow(options: JoinOptions = {}): Bytes {
    const { signal } = options;
    if (this.#state === 'abandoned') throw this.#error;
    if (signal?.aborted) return new ReadableStream({ start: (controller) => controller.error(signal.reason) });
    if (!this.#log.hasBeginning) throw new StreamTooLongError(this.#maxBytes);
    let follower: Follower;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          // Only the follower may know its place: a variable of this closure would hold the first segment, and with it all
          // that come after, as long as the stream lives.
          follower = { controller, at: this.#log.enter(), unwatch: undefined };
          this.#followers.add(follower);
          this.#watch(follower, signal);
          this.#closeWhenThrough(follower);
        },
        pull: () => this.#serve(follower),
        cancel: (reason) => this.#leave(follower, reason),
      },
      // Chunks wait in the log, where they are kept once, and not in a queue per follower.
      { highWaterMark: 0 },
    );
  }

  #watch(follower: Follower, signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    follower.unwatch = onAbort(signal, (reason) => {
      follower.controller.error(reason);
      this.#leave(follower, reason);
    });
  }

  #open(stream: Bytes): void {
    if (this.#state !== 'open') {
      stream.cancel(this.#abandonReason).catch(() => undefined);
      return;
    }
    this.#reader = stream.getReader();
    this.#read();
  }

  /** Gives a follower its next chunk, or puts it among those who wait for one. */
  #serve(follower: Follower): void {
    const { bytes } = follower.at;
    if (bytes === undefined) {
      this.#waiting.add(follower);
    } else {
      follower.at = this.#log.advance(follower.at);
      follower.controller.enqueue(new Uint8Array(bytes));
      this.#closeWhenThrough(follower);
    }
    this.#read();
  }

  #read(): void {
    if (this.#reader === undefined || this.#isReading || this.#state !== 'open') return;
    if (this.#waiting.size === 0 && !this.#readsOn) return;
    if (!this.#log.hasRoom) return;
    this.#isReading = true;
    this.#reader.read().then(
      ({ done, value }) => {
        this.#isReading = false;
        if (this.#state !== 'open') return;
        if (done) this.#end('done');
        else this.#take(value);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #take(bytes: unknown): void {
    if (!isUint8Array(bytes)) {
      const error = new TypeError('The source of a shared stream gave a chunk that is not a Uint8Array.');
      this.#reader?.cancel(error).catch(() => undefined);
      this.#fail(error);
      return;
    }
    if (bytes.byteLength > 0) this.#hand(bytes);
    this.#read();
  }

  #hand(bytes: Uint8Array): void {
    this.#log.append(bytes);
    this.#options.onChunk?.(bytes);
    if (!this.#log.hasBeginning) this.#whole?.reject(new StreamTooLongError(this.#maxBytes));
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const follower of waiting) this.#serve(follower);
    if (this.#followers.size === 0 && !this.#log.hasBeginning) this.#abandon(new StreamTooLongError(this.#maxBytes));
  }

  #fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#end('failed');
  }

  #abandon(reason: unknown): void {
    this.#error = new AbandonedError(reason);
    this.#abandonReason = reason;
    this.#reader?.cancel(reason).catch(() => undefined);
    this.#end('abandoned');
  }

  #end(state: 'done' | 'failed' | 'abandoned'): void {
    this.#state = state;
    this.#waiting = new Set();
    this.#options.onEnd?.(state, this.#error);
    this.#settleWhole();
    for (const follower of this.#followers) this.#closeWhenThrough(follower);
  }

  #closeWhenThrough(follower: Follower): void {
    if (this.#state === 'open' || follower.at.bytes !== undefined || !this.#followers.delete(follower)) return;
    follower.unwatch?.();
    if (this.#state === 'done') follower.controller.close();
    else follower.controller.error(this.#error);
  }

  #leave(follower: Follower, reason: unknown): void {
    if (!this.#followers.delete(follower)) return;
    follower.unwatch?.();
    this.#log.leave(follower.at);
    this.#waiting.delete(follower);
    if (this.#state !== 'open') return;
    if (this.#followers.size === 0) this.#idle(reason);
    this.#read();
  }

  #idle(reason: unknown): void {
    const decision = this.#options.onIdle?.(reason) ?? 'cancel';
    if (decision === 'cancel') this.#abandon(reason);
    else this.#readsOn = true;
  }

  #settleWhole(): void {
    if (this.#whole === undefined) return;
    const { resolve, reject } = this.#whole;
    if (!this.#log.hasBeginning) reject(new StreamTooLongError(this.#maxBytes));
    else if (this.#state === 'done') resolve(this.#log.whole() as WholeStream);
    else if (this.#state !== 'open') reject(this.#error);
  }
}
