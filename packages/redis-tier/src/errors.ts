const marker: unique symbol = Symbol.for('@agent-cache/redis-tier/RedisTierError');

/** Stable codes of `RedisTierError`. */
export type RedisTierErrorCode =
  | 'ERR_REDIS_TIER_CLOSED'
  | 'ERR_REDIS_TIER_CLIENT'
  | 'ERR_REDIS_TIER_CONNECTION'
  | 'ERR_REDIS_TIER_CORRUPT'
  | 'ERR_REDIS_TIER_DOWN'
  | 'ERR_REDIS_TIER_FOREIGN'
  | 'ERR_REDIS_TIER_LATE'
  | 'ERR_REDIS_TIER_LINK'
  | 'ERR_REDIS_TIER_MEMORY'
  | 'ERR_REDIS_TIER_REPLICAS'
  | 'ERR_REDIS_TIER_UNSTORABLE';

/** What an operation of the tier rejects with, and what its events on the error channel carry. Errors of the server itself pass as ioredis made them. */
export class RedisTierError extends Error {
  override readonly name = 'RedisTierError';
  readonly code: RedisTierErrorCode;

  constructor(code: RedisTierErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package. */
  static isInstance(error: unknown): error is RedisTierError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
