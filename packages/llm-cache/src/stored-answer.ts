import type { WireFormatName } from '@agent-cache/wire-formats';

/** One answer as it is kept: what came over the wire, less what belongs to that one exchange. */
export interface StoredAnswer {
  readonly format: WireFormatName;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** where the chunks of a recorded stream began, without the first */
  readonly cuts: readonly number[];
  /** whether the body is an event stream; if not, it is JSON */
  readonly streamed: boolean;
  /** of a copy: the answer of the index that it is one of */
  readonly origin?: Origin | undefined;
}

/** Where an answer comes from that was given to a question in other words. */
export interface Origin {
  /** names the hit for `feedback` */
  readonly hitId: string;
  readonly similarity: number;
}

/** As a tier gave it: anything can be in there. */
export function originOf({ origin }: StoredAnswer): Origin | undefined {
  if (typeof origin !== 'object' || origin === null) return undefined;
  const { hitId, similarity } = origin;
  return typeof hitId === 'string' && /^[\x21-\x7e]+$/.test(hitId) && Number.isFinite(similarity) ? origin : undefined;
}

/**
 * Headers that mean the same when an answer is given again. A list of what is kept, because headers nobody knows can carry cookies,
 * limits, or secrets of a gateway.
 */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'content-language',
  'request-id',
  'x-request-id',
  'x-goog-request-id',
  'apim-request-id',
  'x-ms-request-id',
  'x-ms-region',
  'x-ms-deployment-name',
  'openai-version',
  'openai-model',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'anthropic-workspace-id',
]);

/** The headers of an answer that are stored with it. */
export function storableHeaders(headers: Headers): StoredAnswer['headers'] {
  return [...headers].filter(([name]) => KEPT_HEADERS.has(name));
}

/** Whether a value read from a tier is an answer of this format: tiers outlive versions, and keys can be set by hand. */
export function isStoredAnswer(value: unknown, format: WireFormatName): value is StoredAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { format: name, status, headers, body, cuts, streamed } = value as Partial<Record<keyof StoredAnswer, unknown>>;
  return (
    name === format &&
    Number.isInteger(status) &&
    Array.isArray(headers) &&
    body instanceof Uint8Array &&
    Array.isArray(cuts) &&
    typeof streamed === 'boolean'
  );
}
