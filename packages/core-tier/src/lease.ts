import type { Entry } from './entry.ts';
import type { Epoch } from './tags.ts';

export interface ClaimOptions {
  readonly leaseMs: number;
  /** take the lease even though a live entry is there */
  readonly refresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Claim =
  | { readonly state: 'hit'; readonly entry: Entry }
  /** yours to compute; a stale entry may be served meanwhile */
  | { readonly state: 'lease'; readonly lease: Lease; readonly epoch: Epoch; readonly stale?: Entry | undefined }
  /** somebody else computes: resolves with the entry, or undefined when that lease ended without one (claim again) */
  | { readonly state: 'wait'; readonly settled: Promise<Entry | undefined>; readonly stale?: Entry | undefined };

export interface Lease {
  renew(): Promise<boolean>;
  /**
   * false when fenced: the lease was lost, or the key or a tag was invalidated meanwhile. A delete of the key ends its lease, and so does a
   * `set` without conditions, of whose entry those who wait are told: what is computed under the lease is older.
   */
  commit(entry: Entry): Promise<boolean>;
  release(): Promise<void>;
}
