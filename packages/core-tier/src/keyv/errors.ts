const writeMarker = Symbol.for('agent-cache.core-tier.KeyvWriteError');

/** A Keyv store answered that it did not write. The stack counts it as a failure of this tier. */
export class KeyvWriteError extends Error {
  override readonly name: string = 'KeyvWriteError';
  readonly code = 'ERR_CORE_TIER_KEYV_WRITE';
  readonly tier: string;
  readonly key: string;

  constructor(tier: string, key: string) {
    super(
      `the Keyv store of tier "${tier}" did not write ${JSON.stringify(key)}; listen to the "error" event of that Keyv to learn why`,
    );
    this.tier = tier;
    this.key = key;
    Object.defineProperty(this, writeMarker, { value: true });
  }

  /** True for errors of this class, also of another installed copy of this package. */
  static isInstance(error: unknown): error is KeyvWriteError {
    return error instanceof Error && writeMarker in error;
  }
}

const entryMarker = Symbol.for('agent-cache.core-tier.KeyvEntryError');

/** What a Keyv store holds under a key is not an entry of that key. It is a miss; the error is published on the `error` channel. */
export class KeyvEntryError extends Error {
  override readonly name: string = 'KeyvEntryError';
  readonly code = 'ERR_CORE_TIER_KEYV_ENTRY';
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(
      `what the Keyv store holds under ${JSON.stringify(key)} is no entry of that key; give the tier a namespace of its own, or delete the key`,
      options,
    );
    this.key = key;
    Object.defineProperty(this, entryMarker, { value: true });
  }

  /** True for errors of this class, also of another installed copy of this package. */
  static isInstance(error: unknown): error is KeyvEntryError {
    return error instanceof Error && entryMarker in error;
  }
}
