import { composeNormalizers, digest } from '@agent-cache/core-key';
import type { Question } from '@agent-cache/core-tier';
import type { JsonObject } from '@agent-cache/wire-formats';
import type { Call } from './call.ts';
import type { Settings } from './options.ts';
import type { Plan } from './plan.ts';

/**
 * What a request asks of an answer index; undefined when it does not ask one question in words that has one answer in words: with tools an
 * answer can be an action, and with several choices there is not one.
 */
export async function questionOf(settings: Settings, call: Call, plan: Plan): Promise<Question | undefined> {
  const given = call.body();
  if (given === undefined || hasTools(given) || hasChoices(given)) return undefined;
  const { normalize, namespace } = settings;
  const body = normalize.length === 0 ? given : await composeNormalizers(...normalize)(given);
  const asked = call.format.questionOf(body);
  if (asked === undefined) return undefined;
  const endpoint = call.format.endpointIdentity(call);
  const scope = digest({ namespace, endpoint, within: plan.within ?? null, rest: asked.scope });
  return { scope, tenant: plan.tenant, text: asked.text };
}

function hasTools({ tools, functions }: JsonObject): boolean {
  return isFull(tools) || isFull(functions);
}

function isFull(list: unknown): boolean {
  return Array.isArray(list) ? list.length > 0 : list !== undefined && list !== null;
}

function hasChoices({ n, generationConfig }: JsonObject): boolean {
  const { candidateCount } = (generationConfig ?? {}) as { readonly candidateCount?: unknown };
  return [n, candidateCount].some((count) => count !== undefined && count !== null && count !== 1);
}
