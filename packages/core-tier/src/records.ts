import type { Storable } from './entry.ts';
import type { MaybePromise } from './tier.ts';

/** Small ordered records under one owner (a thread, a session): atomic, versioned, one round trip each. */
export interface Records {
  read(
    owner: string,
    options?: { readonly fields?: readonly string[]; readonly last?: number },
  ): MaybePromise<RecordSet | undefined>;
  write(owner: string, change: RecordChange): MaybePromise<WriteResult>;
  drop(owner: string): MaybePromise<boolean>;
  list(prefix: string, options?: { readonly cursor?: string; readonly limit?: number }): MaybePromise<Page>;
}

export interface RecordSet {
  readonly version: number;
  readonly fields: ReadonlyMap<string, Storable>;
  /** oldest first */
  readonly items: readonly Storable[];
  readonly expiresAt?: number | undefined;
}

export interface RecordChange {
  readonly set?: ReadonlyMap<string, Storable>;
  readonly unset?: readonly string[];
  readonly append?: readonly Storable[];
  /** after appending, keep this many newest items */
  readonly keepLast?: number;
  /** sliding life of the whole owner */
  readonly slideMs?: number;
  /** life of single fields */
  readonly fieldMs?: ReadonlyMap<string, number>;
  /** 0 = only if absent */
  readonly ifVersion?: number;
}

export type WriteResult =
  | { readonly written: true; readonly version: number }
  | { readonly written: false; readonly current: number };

export interface Page {
  readonly owners: readonly string[];
  readonly cursor?: string | undefined;
}
