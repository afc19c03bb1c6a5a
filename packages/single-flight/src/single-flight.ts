/** What a piece of work is told. */
export interface WorkContext {
  /** aborted when the last caller went away */
  readonly signal: AbortSignal;
}

export interface JoinOptions {
  /** Ends this caller's wait with the signal's own reason; the work goes on while others wait. */
  readonly signal?: AbortSignal | undefined;
}

export interface SingleFlightStats {
  /** pieces of work started */
  readonly started: number;
  /** callers that joined work already under way */
  readonly joined: number;
  readonly failed: number;
  /** pieces of work given up because every caller went away */
  readonly abandoned: number;
  readonly inFlight: number;
}

export interface SingleFlight {
  /** Runs `work` once per key at a time; every caller that comes while it runs gets the same value, or the same error. */
  run<T>(key: string, work: (context: WorkContext) => T | Promise<T>, options?: JoinOptions): Promise<T>;
  /** The same for bytes: each caller gets a stream of its own with everything from the first byte on, at its own speed. */
  stream(
    key: string,
    open: (context: WorkContext) => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
    options?: JoinOptions,
  ): Promise<ReadableStream<Uint8Array>>;
  /** keys of the work under way */
  readonly inFlight: number;
  stats(): SingleFlightStats;
}

/** One source of bytes, read once, followed by any number of readers. */
export interface SharedStream {
  /** A new reader: what has passed, then the live rest. Cancelling it touches nobody else. */
  follow(options?: JoinOptions): ReadableStream<Uint8Array>;
  /** The whole of it, with the cuts between chunks, once the source ended; rejects when the source failed or nobody followed to the end. */
  readonly whole: Promise<{ readonly bytes: Uint8Array; readonly cuts: readonly number[] }>;
  readonly followers: number;
  /** false once so much has passed that the beginning is no longer kept */
  readonly joinable: boolean;
}
