import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { wireFormats } from '@agent-cache/wire-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLlmCache } from './create-llm-cache.ts';

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A provider that answers every request with an answer of its own. */
function world(): (sent: Sent) => Promise<{ readonly text: string; readonly label: string | null }> {
  let count = 0;
  const upstream = async (): Promise<Response> => {
    count += 1;
    const message = { role: 'assistant', content: `answer ${count}` };
    return Response.json({ choices: [{ index: 0, finish_reason: 'stop', message }] });
  };
  const llm = createLlmCache({ cache: createCache({ tiers: [lruMem()] }), upstream, secret: 'test' });
  return async ({ url, headers, body }) => {
    const response = await llm.fetch(url, { method: 'POST', headers, body });
    const label = response.headers.get('x-agent-cache');
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    return { text: choices[0]?.message.content ?? '', label };
  };
}

const url = 'https://api.openai.com/v1/chat/completions';
const headers = { authorization: 'Bearer sk-one' };
const base = {
  model: 'gpt-6-sol',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'assistant',
      tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{"id":1,"metadata":{"user":2}}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'x', data: { cache_control: 1, id: 1 } }] },
  ],
  tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { cache_control: {}, user: {} } } } }],
  seed: 9_007_199_254_740_991,
  unheard_of: { at: { any: ['depth', { really: true }] } },
};
const denied = new Set([...wireFormats['openai-chat'].denied.keys()].map((path) => path.replaceAll('[]', '')));

type Path = readonly (string | number)[];

/** Every place in a value, the value itself excepted. */
function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(name) : name];
    return [place, ...placesOf(inner, place)];
  });
}

function changed(value: unknown, [name, ...rest]: Path, replacement: unknown): unknown {
  if (name === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[name] = changed(copy[name], rest, replacement);
  return copy;
}

test('requests that differ in any place that is not denied never share an answer', async () => {
  const places = placesOf(base);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), async (place, replacement) => {
      const ask = world();
      const other = changed(base, place, replacement);
      fc.pre(JSON.stringify(other) !== JSON.stringify(base) && Array.isArray((other as typeof base).messages));
      const first = await ask({ url, headers, body: JSON.stringify(base) });
      const second = await ask({ url, headers, body: JSON.stringify(other) });
      if (second.label === 'bypass') return;
      expect(second.text).not.toBe(first.text);
    }),
    { numRuns: 150 },
  );
});

test('nor do those with a field that nobody knows, at any depth', async () => {
  const objects = [
    [],
    ...placesOf(base).filter((path) => {
      const value = path.reduce<unknown>((inner, name) => (inner as Record<string | number, unknown>)[name], base);
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    }),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...objects),
      fc.string({ minLength: 1 }),
      fc.jsonValue({ maxDepth: 1 }),
      async (path, name, value) => {
        const steps = [...path.filter((step) => typeof step === 'string'), name].join('.');
        fc.pre(!denied.has(steps) && name !== '__proto__');
        const ask = world();
        const first = await ask({ url, headers, body: JSON.stringify(base) });
        const second = await ask({ url, headers, body: JSON.stringify(changed(base, [...path, name], value)) });
        if (second.label === 'bypass' || JSON.stringify(changed(base, [...path, name], value)) === JSON.stringify(base))
          return;
        expect(second.text).not.toBe(first.text);
      },
    ),
    { numRuns: 150 },
  );
});

test('the same request, written in another order or with denied fields, is the same', async () => {
  const ask = world();
  const first = await ask({ url, headers, body: JSON.stringify(base) });
  const reversed = Object.fromEntries(Object.entries(base).reverse());
  const noise = { user: 'u', metadata: { a: 1 }, service_tier: 'flex', prompt_cache_key: 'k', stream_options: {} };
  for (const body of [reversed, { ...base, ...noise }]) {
    expect(await ask({ url, headers, body: JSON.stringify(body, null, 1) })).toEqual({
      text: first.text,
      label: 'hit',
    });
  }
  const otherHeaders = { ...headers, 'user-agent': 'x', 'idempotency-key': 'y', 'x-stainless-retry-count': '1' };
  expect(await ask({ url, headers: otherHeaders, body: JSON.stringify(base) })).toMatchObject({ label: 'hit' });
});

test('URL, query, organisation, credential and unknown headers, and digits beyond 2^53 count', async () => {
  const ask = world();
  const body = JSON.stringify(base);
  const different: Sent[] = [
    { url, headers, body },
    { url: 'https://api.deepseek.com/v1/chat/completions', headers, body },
    { url: 'https://api.openai.com/v2/chat/completions', headers, body },
    { url: `${url}?api-version=2026-01-01`, headers, body },
    { url, headers: { ...headers, 'openai-organization': 'org' }, body },
    { url, headers: { ...headers, 'openai-project': 'org' }, body },
    { url, headers: { ...headers, 'x-unheard-of': '1' }, body },
    { url, headers: { authorization: 'Bearer sk-two' }, body },
    { url, headers: { 'api-key': 'sk-one' }, body },
    { url, headers, body: body.replace('9007199254740991', '9007199254740992') },
    { url, headers, body: body.replace('9007199254740991', '9007199254740993') },
    { url, headers, body: body.replace('9007199254740991', '9007199254740991.0') },
  ];
  const answers = [];
  for (const sent of different) answers.push((await ask(sent)).text);
  expect(new Set(answers).size).toBe(different.length);
});
