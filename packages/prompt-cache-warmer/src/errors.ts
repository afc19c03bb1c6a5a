/** What went wrong, for programs. */
export type PromptCacheWarmerErrorCode =
  | 'ERR_PROMPT_CACHE_WARMER_UNKNOWN_FORMAT'
  | 'ERR_PROMPT_CACHE_WARMER_SNAPSHOT'
  | 'ERR_PROMPT_CACHE_WARMER_PING'
  | 'ERR_PROMPT_CACHE_WARMER_TIER';

const MARKER: unique symbol = Symbol.for('@agent-cache/prompt-cache-warmer/error') as never;

/** Every error of this package: thrown for requests and files it cannot read, published on `agent-cache:error` for pings that failed. */
export class PromptCacheWarmerError extends Error {
  override readonly name: string = 'PromptCacheWarmerError';
  readonly code: PromptCacheWarmerErrorCode;
  /** id of the prefix, when the error is about one */
  readonly prefix: string | undefined;
  /** HTTP status of the provider's answer, when there was one */
  readonly status: number | undefined;

  constructor(
    code: PromptCacheWarmerErrorCode,
    message: string,
    {
      prefix,
      status,
      cause,
    }: { readonly prefix?: string; readonly status?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.prefix = prefix;
    this.status = status;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether a value is such an error, of any installed copy of this package. */
  static isInstance(value: unknown): value is PromptCacheWarmerError {
    return typeof value === 'object' && value !== null && MARKER in value;
  }
}
