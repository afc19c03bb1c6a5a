import { wireFormatOf } from '@agent-cache/wire-formats';
import { createAnswerWatch } from './answer-watch.ts';
import { callOfUrl } from './caching-fetch.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { splitAnswer } from './embedding-batch.ts';
import { storedEmbeddingsOnly } from './embeddings.ts';
import { headOf } from './exchange.ts';
import { answerTags, later, lessonOf, tagsWith } from './keep.ts';
import { askingOf } from './meaning.ts';
import { isStorable, isWanted } from './owner-functions.ts';
import { type Plan, planOf } from './plan.ts';
import { priceAnswer } from './price-answer.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { storedOnly } from './stored-only.ts';

/** A request as `fetch` would be given it; its control headers hold. */
export interface FetchRequest {
  readonly url: string | URL;
  readonly init: RequestInit;
}

interface Keyed {
  readonly call: Call;
  readonly plan: Plan;
}

/** undefined for requests that would not be cached. */
async function keyed(core: Core, { url, init }: FetchRequest): Promise<Keyed | undefined> {
  const format = wireFormatOf(url, { method: init.method, body: init.body ?? undefined });
  const call = format && callOfUrl(core.settings.upstream, format, url, init);
  const plan = call && (await planOf(core, call));
  return call === undefined || plan === undefined || typeof plan === 'string' ? undefined : { call, plan };
}

/** The stored answer of a request. */
export async function getAnswer(core: Core, request: FetchRequest): Promise<Response | undefined> {
  const found = await keyed(core, request);
  if (found === undefined) return undefined;
  const { call, plan } = found;
  return plan.parts === undefined
    ? storedOnly(core, call, plan, plan.keys[0] ?? '')
    : storedEmbeddingsOnly(core, call, plan);
}

/** Stores an answer under the same rules as one that passes through `fetch`. */
export async function putAnswer(core: Core, request: FetchRequest, response: Response): Promise<boolean> {
  const found = await keyed(core, request);
  if (found === undefined || !response.ok) return false;
  const { call, plan } = found;
  const bytes = new Uint8Array(await response.clone().arrayBuffer());
  if (bytes.byteLength > core.settings.maxBodyBytes) return false;
  const watch = createAnswerWatch(call.format, headOf(response), call.body);
  watch.push(bytes);
  const { verdict, answer, json } = watch.judge({ bytes, cuts: [] });
  if (answer === undefined || !isStorable(core, verdict)) return false;
  const { usage, cost } = await priceAnswer(core, call, { json, askedModel: plan.model, computeMs: 0 });
  if (!isWanted(core, call, { model: cost.model, usage, bytes: bytes.byteLength, durationMs: 0 })) return false;
  return putAll(core, found, answer, json);
}

async function putAll(core: Core, { call, plan }: Keyed, answer: StoredAnswer, json: unknown): Promise<boolean> {
  const body = call.body();
  const answers = plan.parts === undefined || body === undefined ? [{ answer, json }] : splitAnswer(json, answer, body);
  if (answers.length !== plan.keys.length) return false;
  const { ttlMs } = plan.keeping;
  const asking = askingOf(core, call, plan, false);
  await asking?.match;
  const question = asking?.question;
  const createdAt = core.settings.now();
  const sets = answers.map(async (one, index) => {
    const priced = await priceAnswer(core, call, { json: one.json, askedModel: plan.model, computeMs: 0 });
    const options = {
      cost: priced.cost,
      tags: tagsWith(answerTags(plan, priced), question),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    await core.settings.cache.set(plan.keys[index] ?? '', one.answer, options);
    if (asking === undefined || question === undefined || ttlMs === 0) return;
    later(core, asking.learn(lessonOf(core, plan, one.answer, priced, { question, createdAt })));
  });
  await Promise.all(sets);
  core.counts.stored += sets.length;
  return true;
}
