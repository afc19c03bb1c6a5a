import { hash } from 'node:crypto';
import { composeNormalizers, digest } from '@agent-cache/core-key';
import { type JsonObject, splitEmbeddingInputs, type WireFormat } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { LlmRequest, Settings } from './options.ts';
import { createRecentTable, type RecentTable } from './recent-table.ts';

/** What has to be known of a body to look its answer up. */
export interface BodyFacts {
  /** why it must not be cached */
  readonly bypass: string | undefined;
  /** of the body's identity; one per input when the answer is kept per input */
  readonly digests: readonly string[];
  /** the requests for one input each, in the same order; undefined when the answer is kept as a whole */
  readonly parts: readonly JsonObject[] | undefined;
  readonly model: string | undefined;
  /** the part of the body that says how the answer is to be delivered */
  readonly delivery: JsonObject;
}

const TABLE_ENTRIES = 4_096;

/** Tells the facts of bodies, and remembers those of bodies it has seen: they cost one digest of the text then. */
export interface FactsTable {
  factsOf(call: Call, request: LlmRequest): BodyFacts | undefined | Promise<BodyFacts | undefined>;
}

/** Own keys and normalizers may depend on more than the text, so with them nothing is remembered. */
export function createFactsTable(settings: Settings): FactsTable {
  const table: RecentTable<BodyFacts> = createRecentTable(TABLE_ENTRIES);
  if (settings.keyOf !== undefined || settings.normalize.length > 0) {
    return { factsOf: (call, request) => ownFacts(settings, call, request) };
  }
  return {
    factsOf(call) {
      const seen = `${call.format.name}:${hash('sha256', call.text)}`;
      const known = table.get(seen);
      if (known !== undefined) return known;
      const body = call.body();
      if (body === undefined) return undefined;
      const parts = partsOf(call.format, body);
      const digests = (parts ?? [body]).map((part) => digest(call.format.bodyIdentity(part)));
      const facts = factsWith(settings, call, body, parts, digests);
      // The many inputs of an embeddings request would take as much room as the request.
      if (parts === undefined) table.set(seen, facts);
      return facts;
    },
  };
}

async function ownFacts(settings: Settings, call: Call, request: LlmRequest): Promise<BodyFacts | undefined> {
  const { keyOf, normalize } = settings;
  const whole = call.body();
  if (whole === undefined) return undefined;
  const parts = partsOf(call.format, whole);
  const normalized = composeNormalizers(...normalize);
  const identify = async (part: JsonObject): Promise<string> => {
    const body = (await normalized(part)) as JsonObject;
    return digest(keyOf === undefined ? call.format.bodyIdentity(body) : ['own', await keyOf({ ...request, body })]);
  };
  const digests = await Promise.all((parts ?? [whole]).map(identify));
  return factsWith(settings, call, whole, parts, digests);
}

function partsOf(format: WireFormat, body: JsonObject): readonly JsonObject[] | undefined {
  return format.name === 'openai-embeddings' ? splitEmbeddingInputs(body) : undefined;
}

function factsWith(
  { hostedTools }: Settings,
  { format, url, headers }: Call,
  body: JsonObject,
  parts: readonly JsonObject[] | undefined,
  digests: readonly string[],
): BodyFacts {
  const { stream, stream_options } = body;
  return {
    bypass: format.bypass({ url, headers, body }, { hostedTools }),
    digests,
    parts,
    model: typeof body.model === 'string' ? body.model : undefined,
    delivery: { stream, stream_options },
  };
}
