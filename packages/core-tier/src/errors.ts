const marker = Symbol.for('@agent-cache/core-tier/error');

/** Every error this package makes. `isInstance` also recognises those of a second installed copy. */
export class CoreTierError extends Error {
  /** Stable, `ERR_CORE_TIER_…`; a stored failure keeps the code of the original error. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CoreTierError';
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  static isInstance(error: unknown): error is CoreTierError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** A tier did not answer in time. It is handled: published on `agent-cache:error`, never thrown at a caller of the cache. */
export class TierDeadlineError extends CoreTierError {
  readonly tier: string;
  readonly operation: string;
  readonly deadlineMs: number;

  constructor(tier: string, operation: string, deadlineMs: number) {
    super(
      'ERR_CORE_TIER_DEADLINE',
      `Tier "${tier}" did not finish "${operation}" within ${deadlineMs} ms and is treated as a miss. Check its server, or raise "deadlines".`,
    );
    this.name = 'TierDeadlineError';
    this.tier = tier;
    this.operation = operation;
    this.deadlineMs = deadlineMs;
  }
}

/** The caller that was to compute a value gave up without one. Thrown by `Join.value` only: call `open` again. */
export class FillAbandonedError extends CoreTierError {
  readonly key: string;

  constructor(key: string) {
    super(
      'ERR_CORE_TIER_ABANDONED',
      `The computation of "${key}" that this call joined ended without a usable value. Call open() again to compute it.`,
    );
    this.name = 'FillAbandonedError';
    this.key = key;
  }
}

/** What is kept of a failure when `negative.errorMs` asks for it. */
export interface StoredFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
}

/** A failure answered from the cache: name, message and code of the original error, without its stack, cause or other fields. */
export class StoredFailureError extends CoreTierError {
  readonly key: string;

  constructor(key: string, failure: StoredFailure) {
    super(failure.code ?? 'ERR_CORE_TIER_STORED_FAILURE', failure.message);
    this.name = failure.name;
    this.key = key;
  }
}

/** The part of an error that may be stored. */
export function storedFailureOf(error: unknown): StoredFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}
