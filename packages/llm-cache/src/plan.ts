import { cacheKey } from '@agent-cache/core-key';
import { type CallOptions, implicitTag } from '@agent-cache/core-tier';
import type { JsonObject, WireFormatName } from '@agent-cache/wire-formats';
import type { BodyFacts } from './body-facts.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { LlmRequest } from './options.ts';
import { tenancyOf } from './tenant.ts';

/** How a call is to be answered from the cache. */
export interface Plan {
  readonly request: LlmRequest;
  /** one, or one per input of an embeddings request */
  readonly keys: readonly string[];
  readonly parts: readonly JsonObject[] | undefined;
  readonly tenant: string;
  /** counts as well when the tenant is only a name from a header */
  readonly within: string | undefined;
  readonly model: string | undefined;
  readonly wantsStream: boolean;
  readonly delivery: JsonObject;
  /** life and tags of what is stored */
  readonly keeping: Pick<CallOptions, 'ttlMs' | 'tags'>;
}

/** The request as the owner's functions see it; parsed when they look at its body. */
export function requestOf({ format, url, headers, body }: Call): LlmRequest {
  return {
    format: format.name,
    url,
    headers,
    get body() {
      return body() ?? {};
    },
  };
}

/** What kind of value an answer is: the `kind` of its key and of its events. */
export function kindOf(format: WireFormatName): 'llm' | 'embedding' {
  return format === 'openai-embeddings' ? 'embedding' : 'llm';
}

/** The plan, or in words why there is none. Throws when no key can be made. */
export async function planOf(core: Core, call: Call): Promise<Plan | string> {
  const { settings } = core;
  if (call.control.mode === 'bypass') return 'the caller asked for it';
  if (core.isOff) return 'AGENT_CACHE=off';
  const request = requestOf(call);
  const found = core.facts.factsOf(call, request);
  const facts = found instanceof Promise ? await found : found;
  if (facts === undefined) throw new TypeError('The body is no JSON object, or states a field twice.');
  if (facts.bypass !== undefined) return facts.bypass;
  if (settings.cacheIf?.(request) === false) return '`cacheIf` said no';
  const { tenant, within } = await tenancyOf(settings, core.digest, call, request);
  const model = facts.model ?? modelInPath(call.url);
  return {
    request,
    keys: keysOf(core, call, facts, tenant, within),
    parts: facts.parts,
    tenant,
    within,
    model,
    wantsStream: call.format.isStream({ url: call.url, body: facts.delivery }),
    delivery: facts.delivery,
    keeping: { ttlMs: ttlOf(core, call), tags: tagsOf(call, tenant, model) },
  };
}

function keysOf(core: Core, call: Call, facts: BodyFacts, tenant: string, within: string | undefined): string[] {
  const { namespace, variants, random } = core.settings;
  const kind = kindOf(call.format.name);
  const endpoint = call.format.endpointIdentity(call);
  const slot = variants === 1 ? 0 : Math.floor(random() * variants);
  const more = { ...(within === undefined ? {} : { within }), ...(slot === 0 ? {} : { slot }) };
  return facts.digests.map((body) => cacheKey({ kind, namespace, tenant, identity: { endpoint, body, ...more } }));
}

/** Gemini's URLs name the model. */
function modelInPath(url: URL): string | undefined {
  return /\/models\/([^/:]+):/.exec(url.pathname)?.[1];
}

const HOUR_MS = 3_600_000;

function ttlOf({ settings }: Core, { control, format }: Call): number {
  const standard = kindOf(format.name) === 'embedding' ? Number.POSITIVE_INFINITY : HOUR_MS;
  return control.ttlMs ?? settings.ttlMs ?? standard;
}

function tagsOf({ control }: Call, tenant: string, model: string | undefined): string[] {
  const tags = [...control.tags];
  if (model !== undefined) tags.push(implicitTag('model', model));
  if (tenant !== '') tags.push(implicitTag('tenant', tenant));
  return tags;
}
