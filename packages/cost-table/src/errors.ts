/** A usage that cannot be priced: a negative or fractional count, or parts that exceed their total. */
export class InvalidUsageError extends RangeError {
  static readonly #marker: symbol = Symbol.for('agent-cache.cost-table.InvalidUsageError');
  readonly code = 'ERR_COST_TABLE_USAGE';
  /** the field of the usage, such as `cacheWriteTokens.1h` */
  readonly field: string;
  readonly value: unknown;

  constructor(field: string, value: unknown, rule: string) {
    super(
      `Cannot price this usage: ${field} is ${show(value)}: ${rule}. Correct the count, or build the usage with usageFrom.`,
    );
    this.name = 'InvalidUsageError';
    this.field = field;
    this.value = value;
    mark(this, InvalidUsageError.#marker);
  }

  static isInstance(error: unknown): error is InvalidUsageError {
    return isMarked(error, InvalidUsageError.#marker);
  }
}

/** A price that cannot be used: a negative rate, a wrong type, an unknown field. */
export class InvalidPriceError extends TypeError {
  static readonly #marker: symbol = Symbol.for('agent-cache.cost-table.InvalidPriceError');
  readonly code = 'ERR_COST_TABLE_PRICE';
  /** the field of the price, such as `tiers[0].input` */
  readonly field: string;
  readonly value: unknown;

  constructor(field: string, value: unknown, rule: string) {
    super(`Cannot use this price: ${field} is ${show(value)}: ${rule}. Prices are US dollars per million tokens.`);
    this.name = 'InvalidPriceError';
    this.field = field;
    this.value = value;
    mark(this, InvalidPriceError.#marker);
  }

  static isInstance(error: unknown): error is InvalidPriceError {
    return isMarked(error, InvalidPriceError.#marker);
  }
}

/** A price file that could not be read, parsed or understood. `cause` holds the reason, `field` the place when there is one. */
export class PriceFileError extends Error {
  static readonly #marker: symbol = Symbol.for('agent-cache.cost-table.PriceFileError');
  readonly code = 'ERR_COST_TABLE_PRICE_FILE';
  /** the path or address as it was given to `loadPrices` */
  readonly file: string;
  /** `"<model>.<field>"` when the file was read but a price in it is wrong */
  readonly field: string | undefined;

  constructor(file: string, problem: string, options: { readonly field?: string; readonly cause?: unknown } = {}) {
    super(`Cannot load prices from ${file}: ${problem}`, { cause: options.cause });
    this.name = 'PriceFileError';
    this.file = file;
    this.field = options.field;
    mark(this, PriceFileError.#marker);
  }

  static isInstance(error: unknown): error is PriceFileError {
    return isMarked(error, PriceFileError.#marker);
  }
}

function mark(error: Error, marker: symbol): void {
  Object.defineProperty(error, marker, { value: true });
}

function isMarked(error: unknown, marker: symbol): boolean {
  return typeof error === 'object' && error !== null && marker in error;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
