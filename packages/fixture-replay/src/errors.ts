/** What went wrong, stable across versions. */
export type ReplayErrorCode =
  /** a request that the recording does not hold */
  | 'ERR_REPLAY_MISS'
  /** a request that the recording holds, but fewer times */
  | 'ERR_REPLAY_EXHAUSTED'
  /** recorded steps that the run did not take */
  | 'ERR_REPLAY_UNUSED'
  /** nothing was recorded and recording is not allowed here */
  | 'ERR_REPLAY_NO_FIXTURE'
  /** a secret that cannot be taken out of the recording */
  | 'ERR_REPLAY_SECRET'
  /** a file that is no fixture, or one of a newer version */
  | 'ERR_REPLAY_FORMAT'
  /** two tests whose names lead to one file */
  | 'ERR_REPLAY_DUPLICATE_NAME'
  /** the global `fetch` cannot be replaced while several sessions are open */
  | 'ERR_REPLAY_CONCURRENT_INSTALL'
  /** recording cost as much as `FIXTURE_REPLAY_MAX_USD` allows, or cannot be priced */
  | 'ERR_REPLAY_BUDGET'
  /** a tool result that is no JSON and cannot be recorded */
  | 'ERR_REPLAY_TOOL_RESULT';

/** What an error is about. */
export interface ReplayErrorDetails {
  /** the fixture file */
  readonly file?: string | undefined;
  /** 1 for the first request of the run */
  readonly step?: number | undefined;
  /** why a request missed, for programs; see `MissKind` */
  readonly kind?: string | undefined;
  readonly cause?: unknown;
}

/** Every error of this package. The message says what failed, on which fixture, and what to do next; it holds no secret. */
export class ReplayError extends Error {
  static readonly #marker: symbol = Symbol.for('agent-cache.fixture-replay.ReplayError');
  readonly code: ReplayErrorCode;
  readonly file: string | undefined;
  readonly step: number | undefined;
  readonly kind: string | undefined;

  constructor(code: ReplayErrorCode, message: string, details: ReplayErrorDetails = {}) {
    super(`${code}  ${message}`, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'ReplayError';
    this.code = code;
    this.file = details.file;
    this.step = details.step;
    this.kind = details.kind;
    Object.defineProperty(this, ReplayError.#marker, { value: true });
  }

  /** Also knows the errors of another installed copy of this package. */
  static isInstance(error: unknown): error is ReplayError {
    return typeof error === 'object' && error !== null && ReplayError.#marker in error;
  }
}
