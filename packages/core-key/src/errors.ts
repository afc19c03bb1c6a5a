const marker = Symbol.for('@agent-cache/core-key/UncacheableValueError');

/**
 * A value that has no canonical form, so nothing can be cached under it. `path` says where in the value, as a JSON path
 * such as `$.a[3].b`; `what` names what stands there.
 */
export class UncacheableValueError extends TypeError {
  readonly code = 'ERR_CORE_KEY_UNCACHEABLE';
  readonly path: string;
  readonly what: string;

  constructor(details: { readonly path: string; readonly what: string; readonly cause?: unknown }) {
    const { path, what } = details;
    super(
      `No cache key can be made: ${what} at ${path} has no canonical JSON form. ` +
        'Turn it into plain JSON or bytes, or leave it out with omit(), before asking for the key.',
      'cause' in details ? { cause: details.cause } : undefined,
    );
    this.name = 'UncacheableValueError';
    this.path = path;
    this.what = what;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for this error, from whatever installed copy of the package it came. */
  static isInstance(error: unknown): error is UncacheableValueError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
