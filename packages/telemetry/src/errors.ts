const marker = Symbol.for('agent-cache.telemetry.error');

/** `ERR_TELEMETRY_…`, stable. */
export type TelemetryErrorCode =
  | 'ERR_TELEMETRY_JOURNAL_WRITE'
  | 'ERR_TELEMETRY_JOURNAL_FULL'
  | 'ERR_TELEMETRY_JOURNAL_READ'
  | 'ERR_TELEMETRY_PRICES';

/** Something that telemetry could not do. It is published on `agent-cache:error`; nothing of telemetry ever throws into the calls it listens to. */
export class TelemetryError extends Error {
  readonly code: TelemetryErrorCode;

  constructor(code: TelemetryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TelemetryError';
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a `TelemetryError` of any installed copy of this package. */
  static isInstance(error: unknown): error is TelemetryError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
