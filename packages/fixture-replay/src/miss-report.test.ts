import { describe, expect, test } from 'vitest';
import { type MissKind, ReplayError, volatile } from './index.ts';
import { lab, noUpstream, saying } from './test-support.ts';

const key = 'sk-proj-abcdefghijklmnop1234';
const urls = {
  chat: 'https://api.openai.com/v1/chat/completions',
  responses: 'https://api.openai.com/v1/responses',
  anthropic: 'https://api.anthropic.com/v1/messages',
  gemini: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent',
};

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } };
const result = { temp: 20, at: '2026-08-01T09:00:00Z' };

/** One step of an agent, in each API: system prompt, question, tool call, tool result, settings. */
const bodies = {
  chat: {
    model: 'gpt-6-sol',
    messages: [
      {
        role: 'system',
        content: 'You are a weather agent. Be terse. Answer in one sentence, in the language of the user.',
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Weather in Oslo?' },
          { type: 'image_url', image_url: { url: 'https://h/a.png' } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(result) },
    ],
    tools: [
      { type: 'function', function: { name: 'get_weather', description: 'The weather of a city', parameters: schema } },
      { type: 'function', function: { name: 'get_time', description: 'The time in a city', parameters: schema } },
    ],
    temperature: 0.2,
    tool_choice: 'auto',
    response_format: { type: 'text' },
  },
  responses: {
    model: 'gpt-6-sol',
    instructions: 'Be terse.',
    input: [
      { role: 'user', content: 'Weather in Oslo?' },
      { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'call_1', output: '20 degrees' },
    ],
    tools: [{ type: 'function', name: 'get_weather', parameters: schema }],
  },
  anthropic: {
    model: 'claude-opus-5-5',
    max_tokens: 500,
    system: [{ type: 'text', text: 'Be terse.' }],
    messages: [
      { role: 'user', content: 'Weather in Oslo?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'tu_1', name: 'get_weather', input: { city: 'Oslo' } }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'tu_1', content: '20 degrees' },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ],
    tools: [{ name: 'get_weather', input_schema: schema }],
  },
  gemini: {
    systemInstruction: { parts: [{ text: 'Be terse.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Weather in Oslo?' }] },
      { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: { city: 'Oslo' } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { temp: 20 } } }] },
    ],
    tools: [{ functionDeclarations: [{ name: 'get_weather', parameters: schema }] }],
    generationConfig: { temperature: 0.2, responseSchema: { type: 'object' } },
  },
} as const;

type Api = keyof typeof bodies;
/** A body that may be changed at will. */
// biome-ignore lint/suspicious/noExplicitAny: changes reach into four kinds of bodies, and what they find there is the test's own
type Loose = any;

interface Changed {
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

/** Records one body and asks with another. */
async function missOf(
  name: Api,
  change: (body: Loose) => Changed | unknown,
  options: { readonly more?: readonly Loose[] } = {},
) {
  const { record, open, file } = lab();
  const upstream = async () => saying('x');
  const send = (fetch: typeof globalThis.fetch, body: unknown, { url = urls[name], headers = {} }: Changed = {}) =>
    fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key}`, ...headers }, body: JSON.stringify(body) });
  const test = 'weather agent > answers for Oslo';
  const settings = { test, headers: ['anthropic-beta'], recordCommand: 'vitest -u -t "answers for Oslo"' };
  await record(
    async ({ fetch }) => {
      for (const body of [...(options.more ?? []), bodies[name]]) await send(fetch, body);
    },
    { ...settings, fetch: upstream },
  );
  const session = await open({ ...settings, fetch: noUpstream });
  for (const body of options.more ?? []) await send(session.fetch, body);
  const body: Loose = structuredClone(bodies[name]);
  const changed = change(body);
  const response = await send(
    session.fetch,
    body,
    typeof changed === 'object' && changed !== null ? (changed as Changed) : {},
  );
  expect(response.status).toBe(400);
  const error = await session.commit().catch((thrown: unknown) => thrown);
  if (!ReplayError.isInstance(error)) throw new Error('there was no miss');
  return { error, file };
}

const late = { temp: 20, at: '2026-11-21T01:22:05Z' };
const changes: readonly [what: string, kind: MissKind, name: Api, change: (body: Loose) => Changed | unknown][] = [
  [
    'system prompt',
    'system',
    'chat',
    (body) => {
      body.messages[0].content = body.messages[0].content.replace('Be terse', 'Be brief');
    },
  ],
  [
    'system prompt',
    'system',
    'responses',
    (body) => {
      body.instructions = 'Be brief.';
    },
  ],
  [
    'system prompt',
    'system',
    'anthropic',
    (body) => {
      body.system[0].text = 'Be brief.';
    },
  ],
  [
    'system prompt',
    'system',
    'gemini',
    (body) => {
      body.systemInstruction.parts[0].text = 'Be brief.';
    },
  ],
  [
    'system prompt that is gone',
    'system',
    'anthropic',
    (body) => {
      delete body.system;
    },
  ],
  [
    "user's text",
    'user',
    'chat',
    (body) => {
      body.messages[1].content[0].text = 'Weather in Rome?';
    },
  ],
  [
    "user's text",
    'user',
    'responses',
    (body) => {
      body.input[0].content = 'Weather in Rome?';
    },
  ],
  [
    "user's text",
    'user',
    'anthropic',
    (body) => {
      body.messages[0].content = 'Weather in Rome?';
    },
  ],
  [
    "user's text",
    'user',
    'gemini',
    (body) => {
      body.contents[0].parts[0].text = 'Weather in Rome?';
    },
  ],
  [
    'image',
    'attachment',
    'chat',
    (body) => {
      body.messages[1].content[1].image_url.url = 'https://h/b.png';
    },
  ],
  [
    'tool schema',
    'tools',
    'chat',
    (body) => {
      body.tools[1].function.parameters.properties.zone = { type: 'string' };
    },
  ],
  [
    'tool schema',
    'tools',
    'anthropic',
    (body) => {
      body.tools[0].input_schema.required = ['city'];
    },
  ],
  [
    'tool schema',
    'tools',
    'gemini',
    (body) => {
      body.tools[0].functionDeclarations[0].parameters.required = ['city'];
    },
  ],
  [
    'tool that is new',
    'tools',
    'responses',
    (body) => {
      body.tools.unshift({ type: 'function', name: 'a', parameters: {} });
    },
  ],
  [
    'tool that is gone',
    'tools',
    'chat',
    (body) => {
      body.tools.shift();
    },
  ],
  [
    'tool result',
    'tool-result',
    'chat',
    (body) => {
      body.messages[3].content = JSON.stringify(late);
    },
  ],
  [
    'tool result',
    'tool-result',
    'responses',
    (body) => {
      body.input[2].output = '21 degrees';
    },
  ],
  [
    'tool result',
    'tool-result',
    'anthropic',
    (body) => {
      body.messages[2].content[0].content = '21 degrees';
    },
  ],
  [
    'tool result',
    'tool-result',
    'gemini',
    (body) => {
      body.contents[2].parts[0].functionResponse.response.temp = 21;
    },
  ],
  [
    "model's earlier turn",
    'model-turn',
    'chat',
    (body) => {
      body.messages[2].tool_calls[0].function.arguments = '{}';
    },
  ],
  [
    "model's earlier turn",
    'model-turn',
    'anthropic',
    (body) => {
      body.messages[1].content[0].input.city = 'Rome';
    },
  ],
  [
    'model',
    'model',
    'chat',
    (body) => {
      body.model = 'gpt-6-luna';
    },
  ],
  ['model', 'model', 'gemini', () => ({ url: urls.gemini.replace('3-pro', '3-flash') })],
  [
    'sampling',
    'sampling',
    'chat',
    (body) => {
      body.temperature = 0.7;
    },
  ],
  [
    'sampling that is new',
    'sampling',
    'anthropic',
    (body) => {
      body.top_p = 0.9;
    },
  ],
  [
    'sampling',
    'sampling',
    'gemini',
    (body) => {
      body.generationConfig.temperature = 1;
    },
  ],
  [
    'output format',
    'output-format',
    'chat',
    (body) => {
      body.response_format = { type: 'json_object' };
    },
  ],
  [
    'output format',
    'output-format',
    'gemini',
    (body) => {
      body.generationConfig.responseSchema.type = 'array';
    },
  ],
  [
    'choice of tools',
    'tool-choice',
    'chat',
    (body) => {
      body.tool_choice = 'required';
    },
  ],
  [
    'streaming',
    'stream',
    'chat',
    (body) => {
      body.stream = true;
      body.stream_options = { include_usage: true };
    },
  ],
  [
    'field of an SDK',
    'sdk-field',
    'chat',
    (body) => {
      body.store = false;
    },
  ],
  [
    'field of an SDK',
    'sdk-field',
    'anthropic',
    (body) => {
      body.betas = ['x'];
    },
  ],
  [
    'order of messages',
    'order',
    'responses',
    (body) => {
      body.input.reverse();
    },
  ],
  [
    'order of tools',
    'order',
    'chat',
    (body) => {
      body.tools.reverse();
    },
  ],
  [
    'longer conversation',
    'longer',
    'chat',
    (body) => {
      body.messages.push({ role: 'user', content: 'And Rome?' });
    },
  ],
  [
    'shorter conversation',
    'shorter',
    'chat',
    (body) => {
      body.messages.pop();
    },
  ],
  ['address', 'endpoint', 'chat', () => ({ url: 'https://eu.api.openai.com/v1/chat/completions' })],
  ['header that counts', 'header', 'anthropic', () => ({ headers: { 'anthropic-beta': 'new-2026' } })],
];

describe('a miss names its cause', () => {
  test.each(changes)('%s: %s (%s)', async (_what, kind, name, change) => {
    const { error, file } = await missOf(name, change);
    expect(error.kind).toBe(kind);
    expect(error.message.split('\n').length).toBeLessThanOrEqual(40);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain(key);
  });

  test('seventeen kinds of change in all, without values of the moment', () => {
    expect(new Set(changes.map(([, kind]) => kind)).size).toBe(17);
  });
});

describe('the report', () => {
  test('shows a tool result that changed, the call behind it, and the line that would make it match', async () => {
    const { error, file } = await missOf('chat', (body) => {
      body.messages[3].content = JSON.stringify(late);
    });
    expect(error.message.split('\n')).toEqual([
      'ERR_REPLAY_MISS  step 1 of 1, POST api.openai.com/v1/chat/completions  (weather agent > answers for Oslo)',
      'Cause: a tool result changed, so your code (not the prompt) differs from the recording.',
      '  the result of get_weather({"city":"Oslo"}), at /messages/3/content',
      '    [-{"temp":20,"at":"2026-08-01T09:00:00Z"}-]{+{"temp":20,"at":"2026-11-21T01:22:05Z"}+}',
      'It looks like a value of the moment: freeze it in the test, or let it not count with',
      "  normalize: [volatile.isoDate('/messages/*/content')]",
      'Record this test again:  vitest -u -t "answers for Oslo"      last recording cost $0.00009',
      `Fixture: ${file}`,
    ]);
  });

  test('shows what changed in a prompt word by word', async () => {
    const { error } = await missOf('chat', (body) => {
      body.messages[0].content = body.messages[0].content.replace('Be terse', 'Be brief');
    });
    expect(error.message).toContain('…are a weather agent. Be [-terse.-]{+brief.+} Answer in one sentence, in…');
  });

  test('of ten thousand changes is short', async () => {
    const { error } = await missOf('chat', (body) => {
      body.messages = Array.from({ length: 10_000 }, (_, index) => ({
        role: 'user',
        content: `other ${index}\n`.repeat(9),
      }));
      for (let index = 0; index < 100; index++) body[`field_${index}`] = 'x'.repeat(10_000);
    });
    expect(error.message.split('\n').length).toBeLessThanOrEqual(40);
    expect(error.message.length).toBeLessThan(40 * 320);
  });

  test('compares with the step that was meant, also when it is not the next one', async () => {
    const more = [{ ...bodies.chat, messages: [{ role: 'user', content: 'Something about penguins' }] }];
    const { error } = await missOf(
      'chat',
      (body) => {
        body.messages[1].content[0].text = 'Weather in Bergen?';
      },
      { more },
    );
    expect(error.kind).toBe('user');
    expect(error.step).toBe(2);
    expect(error.message).toContain('[-Oslo?-]{+Bergen?+}');
  });
});

describe('values of the moment', () => {
  const at = (uuid: string, time: string) => (body: Loose) => {
    body.messages[1].content[0].text = `Weather in Oslo? ${uuid} ${time}`;
  };
  const [before, after] = [
    at('0b9e41c4-7b1f-4a52-9b0a-0d3ee0d0a001', '2026-08-01T09:00:00Z'),
    at('11111111-7b1f-4a52-9b0a-0d3ee0d0a002', '2026-11-21T01:22:05.123Z'),
  ];
  const body = (change: (body: Loose) => unknown): string => {
    const copy: Loose = structuredClone(bodies.chat);
    change(copy);
    return JSON.stringify(copy);
  };

  test('alone are named as the cause; normalizers make them no difference, at their places only', async () => {
    const { record, open } = lab();
    await record(({ fetch }) => fetch(urls.chat, { method: 'POST', body: body(before) }), {
      fetch: async () => saying('x'),
    });
    const strict = await open();
    await strict.fetch(urls.chat, {
      method: 'POST',
      body: body(at('0b9e41c4-7b1f-4a52-9b0a-0d3ee0d0a001', '2026-11-21')),
    });
    await expect(strict.commit()).rejects.toMatchObject({ kind: 'volatile' });

    const ask = async (normalize: Loose) => {
      const session = await open({ normalize });
      return (await session.fetch(urls.chat, { method: 'POST', body: body(after) })).status;
    };
    expect(await ask([volatile.uuid(), volatile.isoDate()])).toBe(200);
    expect(await ask([volatile.uuid('/messages/*/content'), volatile.isoDate('/messages')])).toBe(200);
    expect(await ask([volatile.uuid(), volatile.isoDate('/tools')])).toBe(400);
    expect(await ask([volatile.uuid()])).toBe(400);
  });

  test('are Unix times too, in numbers and texts', () => {
    const normalize = volatile.epoch();
    expect(normalize({ at: 1_795_250_138, text: 'at 1795250138123', phone: '17952501381234', n: 42 })).toEqual({
      at: '[epoch]',
      text: 'at [epoch]',
      phone: '17952501381234',
      n: 42,
    });
  });
});
