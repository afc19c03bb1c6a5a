import { credentialOf } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { LlmRequest, Settings } from './options.ts';
import type { CredentialDigest } from './secret.ts';

/** Requests that carry no credential, where none is needed. */
const NO_CREDENTIAL = 'anonymous';

/** Whose entries a request uses. */
export interface Tenancy {
  /** in the key and as a tag; "" when everybody shares */
  readonly tenant: string;
  /** counts as well when the tenant is only a name from a header */
  readonly within: string | undefined;
}

/** Whose answers are meant where there is no request. One of them is needed, unless everybody shares. */
export interface TenantOf {
  /** as `tenantOf` or the header `x-agent-cache-tenant` names it */
  readonly tenant?: string | undefined;
  /** those of a request of theirs, with its credential: `{ authorization: 'Bearer …' }` */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
}

/** The tenant that requests with these headers have. @throws TypeError when nothing says whose */
export async function tenantFor(
  { tenantOf, shareAcrossCredentials }: Settings,
  digest: CredentialDigest,
  { tenant, headers }: TenantOf,
): Promise<string> {
  if (tenant !== undefined) return tenant;
  if (shareAcrossCredentials) return '';
  const credential = credentialOf({ url: new URL('https://localhost'), headers: new Headers(headers) });
  if (tenantOf === undefined && credential !== undefined) return digest(credential);
  throw new TypeError(
    'invalidate: say whose answers are meant: `tenant` as `tenantOf` or "x-agent-cache-tenant" names it, or `headers` with the credential.',
  );
}

/** A tenant named by header narrows what the credential, or `tenantOf`, allows; it never widens it. */
export async function tenancyOf(
  settings: Settings,
  digest: CredentialDigest,
  call: Call,
  request: LlmRequest,
): Promise<Tenancy> {
  const base = await baseOf(settings, digest, call, request);
  const { tenant } = call.control;
  return tenant === undefined ? { tenant: base, within: undefined } : { tenant, within: base };
}

function baseOf(
  { shareAcrossCredentials, tenantOf }: Settings,
  digest: CredentialDigest,
  call: Call,
  request: LlmRequest,
): string | Promise<string> {
  if (tenantOf !== undefined) return checkedTenant(tenantOf(request));
  if (shareAcrossCredentials) return '';
  const credential = credentialOf(call);
  return credential === undefined ? NO_CREDENTIAL : digest(credential);
}

function checkedTenant(tenant: unknown): string {
  if (typeof tenant === 'string' && tenant.isWellFormed()) return tenant;
  throw new TypeError(`tenantOf must return a well-formed string, not ${typeof tenant}.`);
}
