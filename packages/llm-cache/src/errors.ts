const marker = Symbol.for('@agent-cache/llm-cache/error');

/**
 * `_CONTROL`: a control header says nothing sensible. `_UNKEYABLE`: no key can be made of the request, so it is not cached.
 * `_FAILED`: the cache itself failed, and the provider was called without it. `_CALLBACK`: a function of the owner threw.
 * `_TOO_LARGE`: an answer is above `maxBodyBytes`. `_UNKNOWN_PRICE`: nobody knows what the model costs. `_SECRET`: the key of the
 * tenants' digests could not be shared, so this process shares no entries with others. `_ANSWERS`: the answer index failed, and the answer
 * was found without it. `_NOT_CACHED`: `run` was told `only-if-cached`,
 * and nothing is stored; `_NOT_JSON`: what the function given to `run` returned cannot be stored.
 */
export type LlmCacheErrorCode =
  | 'ERR_LLM_CACHE_CONTROL'
  | 'ERR_LLM_CACHE_UNKEYABLE'
  | 'ERR_LLM_CACHE_FAILED'
  | 'ERR_LLM_CACHE_CALLBACK'
  | 'ERR_LLM_CACHE_TOO_LARGE'
  | 'ERR_LLM_CACHE_UNKNOWN_PRICE'
  | 'ERR_LLM_CACHE_SECRET'
  | 'ERR_LLM_CACHE_ANSWERS'
  | 'ERR_LLM_CACHE_NOT_CACHED'
  | 'ERR_LLM_CACHE_NOT_JSON';

/** What went wrong and was handled: published on the `agent-cache:error` channel. Only `run` throws one, and only `_NOT_CACHED`. */
export class LlmCacheError extends Error {
  readonly code: LlmCacheErrorCode;

  constructor(code: LlmCacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LlmCacheError';
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is LlmCacheError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
