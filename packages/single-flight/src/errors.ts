/** Marks an error so that two installed copies of this package recognise each other's. */
function mark(error: Error, marker: symbol): void {
  Object.defineProperty(error, marker, { value: true });
}

function isMarked(error: unknown, marker: symbol): boolean {
  return typeof error === 'object' && error !== null && marker in error;
}

const abandoned = Symbol.for('@agent-cache/single-flight/AbandonedError');
const reentrant = Symbol.for('@agent-cache/single-flight/ReentrantWorkError');
const tooLong = Symbol.for('@agent-cache/single-flight/StreamTooLongError');

/**
 * Why work was given up: everybody who waited for it went away. It is the reason of the work's signal, never what a caller
 * sees; `cause` is the reason of the last one to go.
 */
export class AbandonedError extends Error {
  readonly code = 'ERR_SINGLE_FLIGHT_ABANDONED';

  constructor(cause: unknown) {
    super('The work was given up because every caller that waited for it went away; the last reason is the cause.', {
      cause,
    });
    // What code that tells cancellation from failure by name expects.
    this.name = 'AbortError';
    mark(this, abandoned);
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is AbandonedError {
    return isMarked(error, abandoned);
  }
}

/** Work asked for its own key and would have waited for itself for ever. */
export class ReentrantWorkError extends Error {
  readonly code = 'ERR_SINGLE_FLIGHT_REENTRANT';
  readonly key: string;

  constructor(key: string) {
    super(
      `The work for ${JSON.stringify(key)} asked for the same key and would wait for itself for ever. ` +
        'Do the inner part without single flight, or under another key.',
    );
    this.name = 'ReentrantWorkError';
    this.key = key;
    mark(this, reentrant);
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is ReentrantWorkError {
    return isMarked(error, reentrant);
  }
}

/** More than `maxBytes` have passed, so the beginning of the stream is no longer kept. */
export class StreamTooLongError extends Error {
  readonly code = 'ERR_SINGLE_FLIGHT_STREAM_TOO_LONG';
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(
      `More than ${maxBytes} bytes have passed, so the beginning of this stream is no longer kept. ` +
        'Check `joinable` and open the source again, or raise `maxBytes`.',
    );
    this.name = 'StreamTooLongError';
    this.maxBytes = maxBytes;
    mark(this, tooLong);
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is StreamTooLongError {
    return isMarked(error, tooLong);
  }
}
