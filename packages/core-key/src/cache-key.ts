import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { percentDecode, percentEncode } from './percent-encoding.ts';

const LAYOUT = 'ac1';
const DIGEST = /^[0-9a-f]{64}$/;

interface CacheKeyScope {
  /** what sort of thing is cached: `llm`, `tool`, `embedding`, … */
  readonly kind: string;
  /** @default "default" */
  readonly namespace?: string | undefined;
  /** whose entry it is; entries of different tenants never meet. @default "" */
  readonly tenant?: string | undefined;
}

/** What a key is made from: a scope, and either the identity itself or its digest. */
export type CacheKeyOptions =
  | (CacheKeyScope & { readonly identity: unknown; readonly identityDigest?: undefined })
  | (CacheKeyScope & { readonly identity?: undefined; readonly identityDigest: string });

/** What `parseCacheKey` finds in a key. */
export interface CacheKeyParts {
  readonly namespace: string;
  readonly tenant: string;
  readonly kind: string;
  /** 64 hex digits */
  readonly digest: string;
}

/**
 * The key of a value: `ac1:<namespace>:<tenant>:<kind>:<SHA-256 of the identity's canonical JSON>`. Parts are
 * percent-encoded, so no part can forge another; different parts or identities have different keys. `identityDigest` takes
 * 64 hex digits made before, for example by `digest`, instead of the identity.
 *
 * @throws UncacheableValueError when the identity has no canonical form.
 * @throws TypeError when both or neither of `identity` and `identityDigest` are given, or a part is not a string.
 */
export function cacheKey(options: CacheKeyOptions): string {
  const { kind, namespace = 'default', tenant = '' } = options;
  const parts = [part('namespace', namespace), part('tenant', tenant), part('kind', kind)].join(':');
  return `${LAYOUT}:${parts}:${digestOf(options)}`;
}

/** The parts of a key that `cacheKey` made; undefined for every other string. */
export function parseCacheKey(key: string): CacheKeyParts | undefined {
  const parts = key.split(':');
  const [layout, namespace, tenant, kind, digest = ''] = parts;
  if (parts.length !== 5 || layout !== LAYOUT || !DIGEST.test(digest)) return undefined;
  const decoded = [namespace, tenant, kind].map((text = '') => percentDecode(text));
  const [decodedNamespace, decodedTenant, decodedKind] = decoded;
  if (decodedNamespace === undefined || decodedTenant === undefined || decodedKind === undefined) return undefined;
  return { namespace: decodedNamespace, tenant: decodedTenant, kind: decodedKind, digest };
}

function part(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`cacheKey: ${name} must be a string, not ${typeof value}.`);
  return percentEncode(value);
}

function digestOf(options: CacheKeyOptions): string {
  const { identityDigest } = options;
  if (identityDigest === undefined) {
    if ('identity' in options) return hash('sha256', canonicalJson(options.identity));
    throw new TypeError('cacheKey: give `identity`, the value to be keyed, or `identityDigest`, its 64 hex digits.');
  }
  if (options.identity !== undefined) {
    throw new TypeError('cacheKey: `identity` and `identityDigest` exclude each other; give one of them.');
  }
  if (!DIGEST.test(identityDigest)) {
    throw new TypeError('cacheKey: `identityDigest` must be 64 lower-case hex digits, as `digest` returns them.');
  }
  return identityDigest;
}
