import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import type { JsonObject } from '@agent-cache/wire-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minimumTokensOf } from './minimum-tokens.ts';
import { blocksOf, outlineOfBlocks, type PromptOutline, sharedBlocks } from './outline.ts';
import { planBreakpoints } from './plan-breakpoints.ts';
import type { PromptBlock } from './prompt-block.ts';
import { requestFacts } from './prompt-format.ts';
import { anthropicBody, chatBody, responsesBody, type Shape, shapes } from './test-shapes.ts';

let stub: ProviderStub;
beforeAll(async () => {
  stub = await startProviderStub({ answerer: () => ({ text: 'ok' }) });
});
afterAll(() => stub.close());

interface Api {
  readonly model: string;
  readonly path: string;
  readonly bodyOf: (shape: Shape, model: string) => JsonObject;
}

const apis: Readonly<Record<string, Api>> = {
  Anthropic: { model: 'claude-opus-5-5', path: '/v1/messages', bodyOf: anthropicBody },
  'OpenAI chat': { model: 'gpt-6-sol', path: '/v1/chat/completions', bodyOf: chatBody },
  'OpenAI responses': { model: 'gpt-6-sol', path: '/v1/responses', bodyOf: responsesBody },
};

async function cachedTokens(path: string, body: JsonObject, key: string): Promise<number> {
  const { origin } = new URL(stub.openaiUrl);
  const headers = { 'content-type': 'application/json', 'x-api-key': key, authorization: `Bearer ${key}` };
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status, await response.clone().text()).toBe(200);
  await response.arrayBuffer();
  return stub.requests.at(-1)?.usage?.cachedTokens ?? 0;
}

/** This server takes the ids of calls for no part of the prompt. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([field]) => !/^(id|tool_use_id|tool_call_id|call_id)$/.test(field));
  return Object.fromEntries(fields.map(([field, inner]) => [field, withoutIds(inner)]));
}

interface Counted {
  readonly blocks: readonly PromptBlock[];
  readonly outline: PromptOutline;
}

function counted(body: JsonObject): Counted {
  const { format, model } = requestFacts(body);
  const blocks = blocksOf(withoutIds(body) as JsonObject, format);
  return { blocks, outline: outlineOfBlocks(blocks, format, model) };
}

/**
 * No placement reads more than the longest beginning that was in any earlier request and that ended where that request did, or where a
 * marker may stand.
 */
function mostReadable({ blocks, outline }: Counted, earlier: readonly Counted[], minTokens: number): number {
  const places = earlier.map((past) => {
    const shared = sharedBlocks(outline.blocks, past.outline.blocks);
    if (shared === past.blocks.length) return shared;
    return blocks.findLastIndex(({ markable }, index) => markable && index < shared) + 1;
  });
  const tokens = blocks.slice(0, Math.max(0, ...places)).reduce((sum, block) => sum + block.tokens, 0);
  return tokens >= minTokens ? tokens : 0;
}

/** The longest shape is played to its end once; the other APIs see its first part. */
const MOST_REQUESTS = 30;

const cases = Object.entries(apis).flatMap(([api, how], index) =>
  Object.entries(shapes).map(([name, all]) => {
    const requests = index === 0 ? all : all.slice(0, MOST_REQUESTS);
    return { api, name, how, requests };
  }),
);

describe('planned markers reach at least 98 % of the tokens that the best placement could read', () => {
  test.each(cases)('$api: $name', async ({ api, name, how, requests }) => {
    const history: PromptOutline[] = [];
    const earlier: Counted[] = [];
    const minTokens = minimumTokensOf(how.model).tokens;
    let read = 0;
    let readable = 0;
    for (const shape of requests) {
      const body = how.bodyOf(shape, how.model);
      const plan = planBreakpoints(body, { history });
      history.push(plan.outline);
      if (history.length > 32) history.shift();
      read += await cachedTokens(how.path, plan.body, `${api} ${name}`);
      const now = counted(body);
      readable += mostReadable(now, earlier, minTokens);
      earlier.push(now);
    }
    expect(read / readable, `${read} of ${readable}`).toBeGreaterThanOrEqual(0.98);
  });
});
