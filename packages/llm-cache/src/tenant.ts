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
