import { AsyncLocalStorage } from 'node:async_hooks';
import { channels } from '@agent-cache/core-tier';
import type { JsonObject } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { kindOf, requestOf } from './plan.ts';
import { type Priced, vendorOf } from './pricing.ts';
import { reportTrouble } from './trouble.ts';

/** One real call to a provider, from its start to its end. */
export interface UpstreamCall {
  readonly responding: Promise<Response>;
  durationMs(): number;
  /** Tells those who listen how it ended; only the first time counts. */
  ended(how: Ended): void;
}

interface Ended {
  readonly outcome: 'ok' | 'failed' | 'aborted';
  readonly status?: number | undefined;
  readonly streamed?: boolean | undefined;
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
  readonly key?: string | undefined;
  readonly priced?: Priced | undefined;
}

interface Sending {
  readonly call: Call;
  /** replaces the request's own */
  readonly body?: JsonObject | undefined;
  readonly after?: Promise<void> | undefined;
}

/** Sends a request upstream, prepared as the owner wants it. */
export function callUpstream(
  core: Core,
  { call, body, after }: Sending,
  signal: AbortSignal | undefined,
): UpstreamCall {
  const startedAt = performance.now();
  const inContext = AsyncLocalStorage.snapshot();
  let open = true;
  core.counts.upstream += 1;
  core.pricing.prepare();
  const durationMs = (): number => performance.now() - startedAt;
  return {
    responding: send(core, { call, body, after }, signal),
    durationMs,
    ended(how) {
      if (!open) return;
      open = false;
      if (channels.upstream.hasSubscribers) inContext(publish, core, call, how, durationMs());
    },
  };
}

async function send(core: Core, { call, body, after }: Sending, signal: AbortSignal | undefined): Promise<Response> {
  await after;
  const prepared = await preparedBody(core, call, body);
  return call.send({ body: prepared === undefined ? undefined : JSON.stringify(prepared), signal });
}

async function preparedBody(core: Core, call: Call, body: JsonObject | undefined): Promise<JsonObject | undefined> {
  const { prepare } = core.settings;
  if (prepare === undefined) return body;
  try {
    const request = requestOf(call);
    return (await prepare(body === undefined ? request : { ...request, body })) ?? body;
  } catch (cause) {
    reportTrouble('ERR_LLM_CACHE_CALLBACK', '`prepare` threw; the request is sent as it is.', {
      operation: 'prepare',
      cause,
    });
    return body;
  }
}

function publish(core: Core, call: Call, how: Ended, durationMs: number): void {
  const { priced, outcome, status, streamed, model, tenant, key } = how;
  channels.upstream.publish({
    namespace: core.settings.namespace,
    kind: kindOf(call.format.name),
    key,
    tenant,
    name: call.format.name,
    provider: vendorOf(call.url.hostname) ?? FAMILIES[call.format.name],
    outcome,
    status,
    streamed,
    durationMs,
    model: priced?.cost.model ?? model,
    usage: priced?.usage,
    cost: priced?.cost,
  });
}

/** Whose API it is, where the host does not say who answers. */
const FAMILIES = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'openai-embeddings': 'openai',
  'anthropic-messages': 'anthropic',
  'gemini-generate': 'google',
} as const;
