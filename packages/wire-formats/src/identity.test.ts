import { canonicalJson } from '@agent-cache/core-key';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBody, wireFormats } from './index.ts';
import { formatNames, minimalBody, requestOf } from './test-requests.ts';
import type { WireFormatName } from './wire-format.ts';

const identityOf = (name: WireFormatName, body: unknown): string => canonicalJson(wireFormats[name].bodyIdentity(body));

/** A place in a JSON value, and the value with something else there. */
function changeAt(value: unknown, choose: (bound: number) => number, replacement: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && choose(4) > 0) {
    const at = choose(value.length);
    return value.map((element, index) => (index === at ? changeAt(element, choose, replacement) : element));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && choose(4) > 0) {
    const fields = Object.keys(value);
    const field = fields[choose(fields.length + 1)] ?? 'a field of the future';
    const inner = (value as Record<string, unknown>)[field];
    return { ...value, [field]: changeAt(inner, choose, replacement) };
  }
  return replacement;
}

/** Bodies with denied-looking names in places that are data. */
const rich: Readonly<Record<WireFormatName, object>> = {
  'openai-chat': {
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'You are a helper.', extra: { cache_control: 1 } }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'f', parameters: { properties: { cache_control: {}, user: {}, stream: {} } } },
      },
    ],
  },
  'openai-responses': {
    input: [
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { properties: { metadata: {}, prompt_cache_breakpoint: {} } } }],
  },
  'openai-embeddings': { dimensions: 3 },
  'anthropic-messages': {
    system: [{ type: 'text', text: 'You are a helper.' }],
    messages: [
      {
        role: 'user',
        content: [{ type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a document' }] } }],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't', name: 'f', input: { cache_control: 1, metadata: { id: 2 } } }],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'a result' }] }],
      },
    ],
    tools: [{ name: 'f', input_schema: { type: 'object', properties: { cache_control: {}, id: {} } } }],
  },
  'gemini-generate': {
    contents: [{ role: 'model', parts: [{ functionCall: { name: 'f', args: { labels: 1, serviceTier: 2 } } }] }],
    generationConfig: { temperature: 0 },
  },
};

function richBody(name: WireFormatName): Record<string, unknown> {
  return { ...minimalBody(name), ...rich[name] };
}

describe.each(formatNames)('%s identity', (name) => {
  const format = wireFormats[name];
  const denied = [...format.denied.keys()];

  test('two bodies that differ in a place that is not denied have different identities', () => {
    const body = richBody(name);
    const chosen = fc.tuple(fc.infiniteStream(fc.nat()), fc.jsonValue());
    fc.assert(
      fc.property(chosen, ([numbers, replacement]) => {
        const choose = (bound: number): number => Number(numbers.next().value) % bound;
        const changed = changeAt(body, choose, replacement);
        fc.pre(canonicalJson(changed) !== canonicalJson(body));
        // Whatever else it put there, a change that put a denied name at its denied place is none of this property's business.
        fc.pre(!denied.some((path) => JSON.stringify(replacement).includes(path.split('.').at(-1) ?? path)));
        expect(identityOf(name, changed)).not.toBe(identityOf(name, body));
      }),
      { numRuns: 500 },
    );
  });

  test('a body without denied fields is its own identity, not a copy', () => {
    const body = richBody(name);
    if (name === 'anthropic-messages') body.system = 'plain';
    expect(format.bodyIdentity(body)).toBe(body);
  });

  test('never changes the body it is given', () => {
    const body = richBody(name);
    for (const path of denied) if (!path.includes('.')) body[path] = { a: 1 };
    const before = structuredClone(body);
    format.bodyIdentity(body);
    expect(body).toEqual(before);
  });

  test('every denied field states its reason', () => {
    for (const [path, reason] of format.denied) expect(reason.length, path).toBeGreaterThan(5);
  });

  test.each(denied)('%s does not count', (path) => {
    const [without, withField] = bodiesAt(name, path);
    expect(identityOf(name, withField)).toBe(identityOf(name, without));
    expect(canonicalJson(withField)).not.toBe(canonicalJson(without));
  });

  test('has an endpoint half and a body half', () => {
    const request = requestOf(name);
    expect(format.identity(request)).toEqual({
      endpoint: format.endpointIdentity(request),
      body: format.bodyIdentity(request.body),
    });
  });
});

/** A body with something at a path of a deny-list, and the same body without it. */
function bodiesAt(name: WireFormatName, path: string): readonly [without: object, withField: object] {
  const steps = path.split('.');
  const field = steps.pop() ?? '';
  const build = (inner: object): object => {
    let value = inner;
    for (const step of steps.toReversed()) {
      const [, key = '', type] = /^([^[]+)(?:\[(\w*)\])?$/.exec(step) ?? [];
      if (type === undefined) value = { [key]: value };
      else value = { [key]: [type === '' ? value : { type, ...value }] };
    }
    return value;
  };
  const minimal = minimalBody(name);
  return [
    { ...minimal, ...build({ other: 1 }) },
    { ...minimal, ...build({ other: 1, [field]: { type: 'ephemeral' } }) },
  ];
}

describe('names that are denied elsewhere still count in data', () => {
  const anthropic = (content: unknown, more: object = {}): string =>
    identityOf('anthropic-messages', {
      ...minimalBody('anthropic-messages'),
      messages: [{ role: 'user', content }],
      ...more,
    });
  const tool = (properties: object): string =>
    anthropic('x', { tools: [{ name: 'f', input_schema: { type: 'object', properties } }] });

  test("in a tool's schema", () => {
    expect(tool({ cache_control: { type: 'string' } })).not.toBe(tool({}));
    expect(tool({ id: {} })).not.toBe(tool({ id: { type: 'string' } }));
    expect(tool({ metadata: {} })).not.toBe(tool({}));
  });

  test("in a tool call's input", () => {
    const call = (input: object): string => anthropic([{ type: 'tool_use', id: 't', name: 'f', input }]);
    expect(call({ cache_control: 1 })).not.toBe(call({}));
    expect(call({ id: 1 })).not.toBe(call({ id: 2 }));
    expect(call({ content: [{ cache_control: 1 }] })).not.toBe(call({ content: [{}] }));
  });

  test('in a document', () => {
    const text = (data: string): string => anthropic([{ type: 'document', source: { type: 'text', data } }]);
    expect(text('{"cache_control":1}')).not.toBe(text('{"cache_control":2}'));
    const json = (data: object): string => anthropic([{ type: 'document', source: { type: 'json', data } }]);
    expect(json({ cache_control: 1 })).not.toBe(json({}));
  });

  test('in the content of a block type that nobody knows yet', () => {
    const block = (content: unknown): string => anthropic([{ type: 'block_of_the_future', content }]);
    expect(block([{ cache_control: 1 }])).not.toBe(block([{}]));
  });

  test("in OpenAI's tool arguments and schemas", () => {
    const chat = (properties: object): string =>
      identityOf('openai-chat', {
        ...minimalBody('openai-chat'),
        tools: [{ type: 'function', function: { name: 'f', parameters: { properties } } }],
      });
    expect(chat({ prompt_cache_breakpoint: {} })).not.toBe(chat({}));
    expect(chat({ user: {} })).not.toBe(chat({}));
    const response = (output: object[]): string =>
      identityOf('openai-responses', { model: 'm', input: [{ type: 'new_output', output }] });
    expect(response([{ prompt_cache_breakpoint: 1 }])).not.toBe(response([{}]));
  });
});

describe('spellings of the same Anthropic request', () => {
  const body = minimalBody('anthropic-messages');
  const of = (more: object): string => identityOf('anthropic-messages', { ...body, ...more });

  test('a string and one text block are the same system prompt', () => {
    expect(of({ system: 'x' })).toBe(of({ system: [{ type: 'text', text: 'x' }] }));
    expect(of({ system: 'x' })).toBe(
      of({ system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }),
    );
    expect(of({ system: 'x' })).not.toBe(of({ system: [{ type: 'text', text: 'x', citations: [] }] }));
    expect(of({ system: 'x' })).not.toBe(of({}));
  });

  test('a string and one text block are the same content', () => {
    const content = (value: unknown): string => of({ messages: [{ role: 'user', content: value }] });
    expect(content('x')).toBe(content([{ type: 'text', text: 'x' }]));
    expect(content('xy')).not.toBe(
      content([
        { type: 'text', text: 'x' },
        { type: 'text', text: 'y' },
      ]),
    );
  });
});

test('numbers that a double cannot hold count', () => {
  const of = (seed: string): string =>
    identityOf('openai-chat', parseBody(`{"model":"m","messages":[],"seed":${seed}}`));
  expect(of('12345678901234567890')).not.toBe(of('12345678901234567891'));
});
