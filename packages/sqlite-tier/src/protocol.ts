import type { Epoch } from '@agent-cache/core-tier';

/** What the worker needs to know about an entry; the rest of it is inside `data`. */
export interface NewRow {
  readonly data: Uint8Array;
  /** soft end */
  readonly expiresAt?: number | undefined;
  /** hard end */
  readonly endsAt?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly epoch?: Epoch | undefined;
}

export type ClaimReply =
  | { readonly state: 'hit'; readonly data: Uint8Array }
  | { readonly state: 'lease'; readonly token: string; readonly epoch: Epoch; readonly stale?: Uint8Array | undefined }
  | { readonly state: 'wait'; readonly token: string; readonly stale?: Uint8Array | undefined };

export interface NewRecords {
  readonly owner: string;
  readonly set: readonly (readonly [field: string, data: Uint8Array])[];
  readonly unset: readonly string[];
  readonly append: readonly Uint8Array[];
  readonly keepLast?: number | undefined;
  readonly slideMs?: number | undefined;
  readonly fieldMs: readonly (readonly [field: string, ms: number])[];
  readonly ifVersion?: number | undefined;
}

export interface FoundRecords {
  readonly version: number;
  readonly fields: readonly (readonly [field: string, data: Uint8Array])[];
  readonly items: readonly Uint8Array[];
  readonly expiresAt?: number | undefined;
}

/** Everything the main thread asks of the worker. */
export interface Operations {
  get: { args: { keys: readonly string[] }; result: readonly (Uint8Array | undefined)[] };
  set: {
    args: {
      rows: readonly (readonly [key: string, row: NewRow])[];
      ifAbsent?: boolean | undefined;
      ifEpoch?: Epoch | undefined;
    };
    result: boolean;
  };
  delete: { args: { key: string }; result: boolean };
  clear: { args: undefined; result: undefined };
  claim: { args: { key: string; leaseMs: number; refresh: boolean }; result: ClaimReply };
  /** answers when the lease has ended */
  settle: { args: { key: string; token: string }; result: Uint8Array | undefined };
  /** answers a `settle` at once: nobody waits for it any more */
  cancel: { args: { id: number }; result: undefined };
  /** carries the caller's clock */
  tick: { args: undefined; result: undefined };
  renew: { args: { key: string; token: string; leaseMs: number }; result: boolean };
  commit: { args: { key: string; token: string; row: NewRow }; result: boolean };
  release: { args: { key: string; token: string }; result: undefined };
  epoch: { args: undefined; result: Epoch };
  bump: { args: { tags: readonly string[] }; result: Epoch };
  since: { args: { epoch: Epoch }; result: readonly (readonly [tag: string, sequence: number])[] | 'everything' };
  read: {
    args: { owner: string; fields?: readonly string[] | undefined; last?: number | undefined };
    result: FoundRecords | undefined;
  };
  write: { args: NewRecords; result: { readonly written: boolean; readonly version: number } };
  drop: { args: { owner: string }; result: boolean };
  list: {
    args: { prefix: string; cursor?: string | undefined; limit: number };
    result: { readonly owners: readonly string[]; readonly more: boolean };
  };
  /** removes a row whose bytes are not what was written */
  discard: { args: { rowId: number }; result: undefined };
  listen: { args: { on: boolean }; result: undefined };
  close: { args: undefined; result: undefined };
}

export type OperationName = keyof Operations;

/** One request. */
export type Call = {
  [Name in OperationName]: {
    readonly id: number;
    readonly operation: Name;
    readonly args: Operations[Name]['args'];
    /** the caller's clock, ms since epoch, when it is not the machine's */
    readonly now: number | undefined;
    /** which tier instance asks: it is not told of its own changes */
    readonly source: string;
  };
}[OperationName];

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure };

export type LoggedChange =
  | { readonly source: string; readonly kind: 'key'; readonly key: string }
  | { readonly source: string; readonly kind: 'tags'; readonly tags: readonly string[]; readonly sequence: number }
  | { readonly source: string; readonly kind: 'all' };

export interface Eviction {
  readonly key: string;
  readonly bytes: number;
  readonly reason: 'size' | 'expired' | 'corrupt';
}

/** One message from the worker. */
export interface Bulletin {
  readonly replies?: readonly Reply[];
  readonly changes?: readonly LoggedChange[];
  readonly generation?: string;
  readonly evictions?: readonly Eviction[];
  readonly figures?: { readonly entries: number; readonly bytes: number };
  /** something was wrong with the file, and what was done about it */
  readonly trouble?: Failure;
  /** the change log has just been read to its end */
  readonly beat?: true;
}

/** What the worker is started with. */
export interface WorkerSettings {
  readonly file: string;
  readonly maxBytes: number;
}
