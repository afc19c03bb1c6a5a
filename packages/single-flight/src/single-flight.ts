import type { WholeStream } from './stream-log.ts';

/** What a piece of work is told. */
export interface WorkContext {
  /** Aborted with an `AbandonedError` when the last caller went away. */
  readonly signal: AbortSignal;
}

/** How one caller waits. */
export interface JoinOptions {
  /** Ends this caller's wait with the signal's own reason; the work goes on while others wait. */
  readonly signal?: AbortSignal | undefined;
}

/** What a single flight has done since it was made. */
export interface SingleFlightStats {
  /** pieces of work started */
  readonly started: number;
  /** callers that joined work already under way */
  readonly joined: number;
  /** pieces of work that failed while somebody waited */
  readonly failed: number;
  /** pieces of work given up because every caller went away */
  readonly abandoned: number;
  /** pieces of work under way */
  readonly inFlight: number;
}

/** Options of `createSingleFlight`. */
export interface SingleFlightOptions {
  /**
   * How many bytes of a stream are kept for callers that join late and for slow readers.
   * @default 16 MiB
   */
  readonly maxStreamBytes?: number | undefined;
}

/** Many callers, one piece of work per key at a time. */
export interface SingleFlight {
  /**
   * Runs `work` once per key at a time; every caller that comes while it runs gets the same value, or the same error. A
   * caller whose signal is aborted rejects with its reason at once; when the last one has gone the work's signal aborts, the
   * key is free again, and a new caller starts new work.
   *
   * Work that asks for its own key rejects with `ReentrantWorkError` if it does so before its first `await`, or with the
   * signal it was given; otherwise it would wait for itself until that caller's signal ends it.
   */
  run<T>(key: string, work: (context: WorkContext) => T | Promise<T>, options?: JoinOptions): Promise<T>;
  /**
   * The same for bytes: each caller gets a stream of its own with everything from the first byte on, at its own speed. Once
   * more than `maxStreamBytes` have passed, a new caller starts new work. Values and streams never share a key.
   */
  stream(
    key: string,
    open: (context: WorkContext) => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
    options?: JoinOptions,
  ): Promise<ReadableStream<Uint8Array>>;
  /** pieces of work under way */
  readonly inFlight: number;
  stats(): SingleFlightStats;
}

/** Options of `shareStream`. */
export interface ShareStreamOptions {
  /**
   * How far the fastest follower may be ahead of the slowest, and how much may have passed for a new one to join from the
   * start. What is kept never exceeds it by more than one chunk.
   * @default 16 MiB
   */
  readonly maxBytes?: number | undefined;
  /** Sees every chunk once, as it comes, before any follower. It must not change it and must not throw. */
  readonly onChunk?: ((chunk: Uint8Array) => void) | undefined;
  /**
   * The last follower went away before the source ended: cancel the source with the follower's reason, or read the rest for
   * `whole` (until more than `maxBytes` have passed). It must not throw.
   * @default () => 'cancel'
   */
  readonly onIdle?: ((reason: unknown) => 'cancel' | 'read-on') | undefined;
  /** The source ended, failed with `error`, or was given up. Called once, before any follower learns of it. */
  readonly onEnd?: ((how: 'done' | 'failed' | 'abandoned', error: unknown) => void) | undefined;
}

/** One source of bytes, read once, followed by any number of readers. */
export interface SharedStream {
  /**
   * A new reader: what has passed, then the live rest. Cancelling it, or aborting its signal, touches nobody else; a failure
   * of the source reaches it after the bytes that came before.
   *
   * @throws StreamTooLongError when the beginning is no longer kept, AbandonedError when the source was given up.
   */
  follow(options?: JoinOptions): ReadableStream<Uint8Array>;
  /**
   * The whole of it once the source ended. Reads nothing by itself. Rejects when the source failed (with its error), was
   * given up (`AbandonedError`), or gave more than `maxBytes` (`StreamTooLongError`).
   */
  readonly whole: Promise<WholeStream>;
  /** A copy of what has passed until now; undefined when the beginning is no longer kept. */
  soFar(): WholeStream | undefined;
  /** readers that have neither finished nor gone */
  readonly followers: number;
  /** false once the beginning is no longer kept, or the source was given up */
  readonly joinable: boolean;
}
