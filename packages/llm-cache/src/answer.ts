import { answerWhole, type Outcome } from './answer-whole.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { answerEmbeddings } from './embeddings.ts';
import { startExchange } from './exchange.ts';
import { keepNowhere } from './keep.ts';
import { type Plan, planOf } from './plan.ts';
import { liveResponse } from './responses.ts';
import { reportTrouble } from './trouble.ts';
import { unlessAborted } from './unless-aborted.ts';
import { callUpstream } from './upstream-call.ts';

/**
 * Answers one request to a known API, from the cache or through it. Whatever fails in here, the caller gets what the plain call would
 * have given; what it throws, the plain call would have thrown.
 */
export async function answerCall(core: Core, call: Call): Promise<Response> {
  call.signal?.throwIfAborted();
  core.counts.calls += 1;
  const plan = await planUnlessUnkeyable(core, call);
  if (plan === undefined) return unwrapped(await passBy(core, call));
  return unwrapped(await failingOpen(core, call, plan));
}

function unwrapped(outcome: Response | { readonly thrown: unknown }): Response {
  if (outcome instanceof Response) return outcome;
  throw outcome.thrown;
}

async function planUnlessUnkeyable(core: Core, call: Call): Promise<Plan | undefined> {
  try {
    const plan = await planOf(core, call);
    return typeof plan === 'string' ? undefined : plan;
  } catch (cause) {
    const message = 'No key can be made of a request, so it is not cached.';
    reportTrouble('ERR_LLM_CACHE_UNKEYABLE', message, { operation: 'key', cause });
    return undefined;
  }
}

async function failingOpen(core: Core, call: Call, plan: Plan): Promise<Response | { readonly thrown: unknown }> {
  let outcome: Outcome;
  try {
    outcome = plan.parts === undefined ? await answerWhole(core, call, plan) : await answerEmbeddings(core, call, plan);
  } catch (cause) {
    call.signal?.throwIfAborted();
    const message = 'The cache failed to answer a request; the provider is asked without it.';
    reportTrouble('ERR_LLM_CACHE_FAILED', message, { operation: 'answer', key: plan.keys[0], cause });
    outcome = 'unanswered';
  }
  return outcome === 'unanswered' ? askPlainly(core, call) : outcome;
}

/** For requests that must not be cached: the call as it is, with its usage told to those who listen. */
async function passBy(core: Core, call: Call): Promise<Response | { readonly thrown: unknown }> {
  core.counts.bypassed += 1;
  const exchange = startExchange(core, { call, keeper: keepNowhere });
  const body = exchange.follow(call.signal);
  const { head, thrown } = await unlessAborted(exchange.begun, call.signal);
  return head === undefined ? { thrown } : liveResponse(head, body, { label: 'bypass' });
}

/** When the cache cannot be relied upon, nothing of it is in the way. */
async function askPlainly(core: Core, call: Call): Promise<Response> {
  core.counts.misses += 1;
  const upstream = callUpstream(core, { call }, call.signal);
  try {
    const response = await upstream.responding;
    upstream.ended({ outcome: response.ok ? 'ok' : 'failed', status: response.status });
    return response;
  } catch (error) {
    upstream.ended({ outcome: call.signal?.aborted ? 'aborted' : 'failed' });
    throw error;
  }
}
