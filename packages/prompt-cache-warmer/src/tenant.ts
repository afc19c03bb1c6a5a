import { hash } from 'node:crypto';
import { credentialOf } from '@agent-cache/wire-formats';
import type { ObservedRequest } from './warmer-types.ts';

/** Whose prefixes a request uses: those of its credential, of which only a digest is kept; `''` when it carries none. */
export function tenantOfCredential({ url, headers }: ObservedRequest): string {
  if (url === undefined || headers === undefined) return '';
  const credential = credentialOf({ url, headers });
  return credential === undefined ? '' : hash('sha256', `prompt-cache-warmer\0${credential}`, 'base64url').slice(0, 22);
}
