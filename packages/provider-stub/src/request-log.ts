import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from './faults.ts';
import type { ApiName, Provider, StubRequest, StubUsage } from './provider-api.ts';

/** What this server remembers of one request. */
export interface LoggedRequest {
  /** The id in the response's request-id header. */
  readonly id: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Names in lower case, every header that arrived. */
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
  /** The parsed JSON body; `undefined` when there was none. */
  readonly body: unknown;
  readonly provider: Provider;
  /** A model API by name, or `models`, `echo`, `count-tokens` or `unknown`. */
  readonly endpoint: ApiName | 'models' | 'count-tokens' | 'echo' | 'unknown';
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The request in the shape all APIs share, for model APIs. */
  readonly request: StubRequest | undefined;
  readonly fault: Fault['kind'] | undefined;
  /** 0 until the response begins. */
  readonly status: number;
  /** The tokens billed: output only as far as it was sent. `undefined` for a call that failed before it began. */
  readonly usage: StubUsage | undefined;
  /** The bill in integer pico-dollars; `undefined` without usage or for a model without a price. */
  readonly picoUsd: bigint | undefined;
  /** Whether the client went away before the answer was complete. */
  readonly aborted: boolean;
  readonly startedAt: number;
  /** `undefined` while the answer is under way. */
  readonly finishedAt: number | undefined;
}

/** A log entry as the server fills it in. */
export type OpenEntry = { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] };

/** Sums over the calls of the model APIs. */
export interface StubTotals {
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** Exact integer pico-dollars over all priced calls. */
  readonly picoUsd: bigint;
  /** Calls with usage whose model has no price here. */
  readonly unpriced: number;
}

/** Everything that arrived, in order of arrival. */
export interface RequestLog {
  readonly entries: LoggedRequest[];
  readonly add: (entry: OpenEntry) => void;
  /** Counts the entry as a model call under way. */
  readonly begin: (entry: OpenEntry) => void;
  readonly finish: (entry: OpenEntry, now: number) => void;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly totals: (where?: (entry: LoggedRequest) => boolean) => StubTotals;
  /** The most model calls that were under way at once. */
  readonly peakConcurrency: () => number;
  readonly clear: () => void;
}

/** Sums the usage and the bills of the calls. */
function totalsOf(entries: readonly LoggedRequest[]): StubTotals {
  const used = entries.flatMap(({ usage }) => usage ?? []);
  const sum = (tokens: (usage: StubUsage) => number): number => used.reduce((total, usage) => total + tokens(usage), 0);
  return {
    calls: entries.length,
    inputTokens: sum((usage) => usage.inputTokens),
    cachedTokens: sum((usage) => usage.cachedTokens),
    cacheWriteTokens: sum((usage) => usage.cacheWriteTokens + usage.cacheWriteLongTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    picoUsd: entries.reduce((total, { picoUsd }) => total + (picoUsd ?? 0n), 0n),
    unpriced: entries.filter(({ usage, picoUsd }) => usage && picoUsd === undefined).length,
  };
}

/** An empty log. */
export function createRequestLog(): RequestLog {
  const entries: LoggedRequest[] = [];
  const underWay = new Set<OpenEntry>();
  let peak = 0;
  return {
    entries,
    add: (entry) => {
      entries.push(entry);
    },
    begin: (entry) => {
      underWay.add(entry);
      peak = Math.max(peak, underWay.size);
    },
    finish: (entry, now) => {
      entry.finishedAt = now;
      underWay.delete(entry);
    },
    counts: () => {
      const counts: Record<string, number> = {};
      for (const { endpoint } of entries) counts[endpoint] = (counts[endpoint] ?? 0) + 1;
      return counts;
    },
    totals: (where = () => true) => totalsOf(entries.filter((entry) => entry.request && where(entry))),
    peakConcurrency: () => peak,
    clear: () => {
      entries.length = 0;
      peak = underWay.size;
    },
  };
}
