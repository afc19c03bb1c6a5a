import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { EntryCost } from './entry.ts';

/** What every message carries: which cache spoke, for which key. */
interface Origin {
  /** namespace of the cache */
  readonly namespace: string;
  /** full key, when the message is about one */
  readonly key?: string | undefined;
  /** what kind of value it is: `llm`, `embedding`, `tool`, …; taken from the key's layout when it has one */
  readonly kind?: string | undefined;
  readonly tenant?: string | undefined;
}

/** One answered read. */
export interface LookupMessage extends Origin {
  /**
   * `joined`: answered by another caller's computation; `absent` and `error`: a stored negative entry; `semantic`: the miss that was told
   * before for this key was answered by an answer index after all
   */
  readonly outcome: 'hit' | 'stale' | 'miss' | 'joined' | 'absent' | 'error' | 'semantic';
  /** the tier that answered a hit */
  readonly tier?: string | undefined;
  /** ms from the call until a stored answer, or the need to compute one, was known */
  readonly durationMs: number;
  /** age of the entry, ms */
  readonly ageMs?: number | undefined;
  /** what the hit or join saved */
  readonly cost?: EntryCost | undefined;
}

/** One write of a value. */
export interface StoreMessage extends Origin {
  readonly outcome: 'stored' | 'fenced' | 'unstored';
  readonly tiers: readonly string[];
  /** not computed: copied from where it was known */
  readonly copied?: boolean | undefined;
  readonly cost?: EntryCost | undefined;
}

/** Entries that a bounded tier gave up. */
export interface EvictMessage {
  readonly tier: string;
  readonly key: string;
  readonly bytes?: number | undefined;
  readonly reason: 'size' | 'expired' | 'corrupt';
}

export interface InvalidateMessage extends Origin {
  readonly tags?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly outcome: 'done' | 'queued';
}

/** One real call to a provider or tool, published when it ended. */
export interface UpstreamMessage extends Origin {
  readonly name: string;
  readonly outcome: 'ok' | 'failed' | 'aborted';
  readonly status?: number | undefined;
  readonly durationMs: number;
  readonly streamed?: boolean | undefined;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  /** cost-table's `Usage`, as `usageFrom.*` returns it; opaque here */
  readonly usage?: unknown;
  readonly cost?: EntryCost | undefined;
}

export interface BreakerMessage {
  readonly tier: string;
  readonly from: 'closed' | 'open' | 'half-open';
  readonly to: 'closed' | 'open' | 'half-open';
}

/** Something failed and was handled: the caller got an answer all the same. */
export interface ErrorMessage {
  /** stable, `ERR_…` */
  readonly code: string;
  readonly error: unknown;
  readonly tier?: string | undefined;
  readonly key?: string | undefined;
  readonly operation?: string | undefined;
}

export interface OperationMessage extends Origin {
  readonly operation: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A `Channel` of node:diagnostics_channel whose messages have a type. */
export type TypedChannel<M> = Pick<Channel, 'name' | 'hasSubscribers'> & {
  publish(message: M): void;
  subscribe(onMessage: (message: M, name: string | symbol) => void): void;
  unsubscribe(onMessage: (message: M, name: string | symbol) => void): void;
};

const typed = <M>(name: string): TypedChannel<M> => channel(name) as TypedChannel<M>;

/**
 * The diagnostics channels of every agent-cache package (`node:diagnostics_channel`). Publish only when `hasSubscribers`, in the caller's
 * async context. Messages hold no credential, no prompt and no answer.
 */
export const channels: {
  readonly lookup: TypedChannel<LookupMessage>;
  readonly store: TypedChannel<StoreMessage>;
  readonly evict: TypedChannel<EvictMessage>;
  readonly invalidate: TypedChannel<InvalidateMessage>;
  readonly upstream: TypedChannel<UpstreamMessage>;
  readonly breaker: TypedChannel<BreakerMessage>;
  readonly error: TypedChannel<ErrorMessage>;
  /** around every public operation */
  readonly operation: TracingChannel<unknown, OperationMessage>;
} = {
  lookup: typed('agent-cache:lookup'),
  store: typed('agent-cache:store'),
  evict: typed('agent-cache:evict'),
  invalidate: typed('agent-cache:invalidate'),
  upstream: typed('agent-cache:upstream'),
  breaker: typed('agent-cache:breaker'),
  error: typed('agent-cache:error'),
  operation: tracingChannel('agent-cache:operation'),
};
