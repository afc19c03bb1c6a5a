import { describe, expect, test } from 'vitest';
import { encodeEvents, readEvents } from './event-stream.ts';
import { wireFormats } from './index.ts';
import { requestOf } from './test-requests.ts';

const chat = wireFormats['openai-chat'];
const frames = (...payloads: unknown[]): Uint8Array =>
  encodeEvents([...payloads.map((payload) => ({ data: JSON.stringify(payload) })), { data: '[DONE]' }]);
const chunk = (delta: object, more: object = {}): object => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const dataOf = (stream: Uint8Array): string[] => readEvents(stream).map((event) => event.data);

describe('usage in OpenAI chat streams', () => {
  const stream = { model: 'm', messages: [], stream: true };
  const upstream = (body: object, url?: string): unknown =>
    chat.upstreamBody(requestOf('openai-chat', url === undefined ? { body } : { body, url }));

  test('is always asked for upstream', () => {
    expect(upstream(stream)).toEqual({ ...stream, stream_options: { include_usage: true } });
    const padded = { ...stream, stream_options: { include_obfuscation: false, include_usage: false } };
    expect(upstream(padded)).toEqual({
      ...stream,
      stream_options: { include_obfuscation: false, include_usage: true },
    });
  });

  test('leaves the body as it is when it is asked for already, or nothing is streamed', () => {
    const asking = { ...stream, stream_options: { include_usage: true } };
    const plain = { model: 'm', messages: [] };
    expect(upstream(asking)).toBe(asking);
    expect(upstream(plain)).toBe(plain);
  });

  test.each([
    'https://api.mistral.ai/v1/chat/completions',
    'https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01',
  ])('is not asked for where the field is refused: %s', (url) => {
    expect(upstream(stream, url)).toBe(stream);
  });

  const recorded = frames(
    { ...chunk({ content: 'x' }), usage: null },
    { ...chunk({}), choices: [], usage: { total_tokens: 3 } },
  );

  test('is shown to those who asked, byte for byte', () => {
    const request = { body: { stream: true, stream_options: { include_usage: true } } };
    expect(chat.showStream!(recorded, request)).toBe(recorded);
  });

  test('is taken out for those who did not', () => {
    const shown = chat.showStream!(recorded, { body: { stream: true } });
    expect(dataOf(shown)).toEqual([JSON.stringify(chunk({ content: 'x' })), '[DONE]']);
  });

  test('a recording without usage is shown byte for byte', () => {
    const plain = frames(chunk({ content: 'the "usage" of words' }), {
      ...chunk({}),
      choices: [],
      prompt_filter_results: [],
    });
    expect(chat.showStream!(plain, { body: {} })).toBe(plain);
  });

  test('that a vendor states on its last piece stays there', () => {
    const last = { ...chunk({}, { finish_reason: 'stop' }), usage: { total_tokens: 3 } };
    const recording = frames(last);
    expect(chat.showStream!(recording, { body: {} })).toBe(recording);
    expect(chat.toJson!(recording)).toMatchObject({ usage: { total_tokens: 3 } });
  });

  test('other formats send and show what they were given', () => {
    for (const format of Object.values(wireFormats)) {
      if (format.name === 'openai-chat') continue;
      const request = requestOf(format.name);
      expect(format.upstreamBody(request)).toBe(request.body);
      expect(format.showStream).toBeUndefined();
    }
  });
});

describe('streams as providers cut them', () => {
  test('OpenAI chat: text, tool calls by index, two choices, and padding', () => {
    const call = (index: number, more: object): object => ({ tool_calls: [{ index, ...more }] });
    const stream = frames(
      { ...chunk({ role: 'assistant', content: '', refusal: null }), obfuscation: 'x7' },
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk(call(0, { id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } })),
      chunk(call(1, { id: 'call_b', type: 'function', function: { name: 'g', arguments: '' } })),
      chunk(call(0, { function: { arguments: '{"a"' } })),
      chunk(call(1, { function: { arguments: '{}' } })),
      chunk(call(0, { function: { arguments: ':1}' } })),
      chunk({ content: 'two' }, { index: 1, finish_reason: 'stop' }),
      chunk({}, { finish_reason: 'tool_calls' }),
    );
    expect(chat.toJson!(stream)).toEqual({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Hello',
            refusal: null,
            tool_calls: [
              { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
              { id: 'call_b', type: 'function', function: { name: 'g', arguments: '{}' } },
            ],
          },
        },
        { index: 1, finish_reason: 'stop', message: { content: 'two' } },
      ],
    });
  });

  test('OpenAI chat: vendors that repeat names, or number all parallel calls 0', () => {
    const call = (id: string, text: string): object => ({
      tool_calls: [{ index: 0, id, type: 'function', function: { name: 'f', arguments: text } }],
    });
    const message = (stream: Uint8Array): unknown =>
      (chat.toJson!(stream) as { choices: { message: unknown }[] }).choices[0]?.message;
    expect(message(frames(chunk(call('a', '{"x":')), chunk(call('a', '1}'))))).toEqual({
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
    });
    expect(message(frames(chunk(call('a', '{}')), chunk(call('b', '{}'))))).toMatchObject({
      tool_calls: [{ id: 'a' }, { id: 'b' }],
    });
  });

  test('OpenAI chat: log probabilities are appended', () => {
    const piece = (token: string): object =>
      chunk({ content: token }, { logprobs: { content: [{ token }], refusal: null } });
    const answer = chat.toJson!(frames(piece('a'), piece('b'), chunk({}, { logprobs: null, finish_reason: 'stop' })));
    expect(answer).toMatchObject({
      choices: [{ logprobs: { content: [{ token: 'a' }, { token: 'b' }], refusal: null }, message: { content: 'ab' } }],
    });
  });

  test('OpenAI responses: items that the last frame leaves out are filled in', () => {
    const events = [
      { type: 'response.created', response: { id: 'r', status: 'in_progress', output: [] } },
      { type: 'response.output_item.done', output_index: 1, item: { id: 'b' } },
      { type: 'response.output_item.done', output_index: 0, item: { id: 'a' } },
      { type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } },
    ];
    const stream = encodeEvents(events.map((event) => ({ event: event.type, data: JSON.stringify(event) })));
    expect(wireFormats['openai-responses'].toJson!(stream)).toEqual({
      id: 'r',
      status: 'completed',
      output: [{ id: 'a' }, { id: 'b' }],
    });
  });

  test('Anthropic: deltas in pieces, pings, cumulative usage, what the end adds', () => {
    const events: { readonly type: string; readonly [field: string]: unknown }[] = [
      {
        type: 'message_start',
        message: {
          id: 'm',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          container: null,
          usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'h', estimated_tokens: 3 } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'SIG' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '[1]}' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'content_block_start', index: 2, content_block: { type: 'compaction', content: null } },
      { type: 'content_block_delta', index: 2, delta: { type: 'compaction_delta', content: 'short' } },
      { type: 'content_block_stop', index: 2 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null, container: { id: 'c' } },
        usage: { output_tokens: 33, cache_read_input_tokens: null },
        context_management: { applied_edits: [] },
      },
      { type: 'message_stop' },
    ];
    const stream = encodeEvents(events.map((event) => ({ event: event.type, data: JSON.stringify(event) })));
    expect(wireFormats['anthropic-messages'].toJson!(stream)).toEqual({
      id: 'm',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'SIG' },
        { type: 'tool_use', id: 't', name: 'f', input: { a: [1] } },
        { type: 'compaction', content: 'short' },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      container: { id: 'c' },
      context_management: { applied_edits: [] },
      usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 33 },
    });
  });

  test('Gemini: text goes on where it stopped, signatures and thoughts stay apart, usage is the last', () => {
    const part = (...parts: object[]): object => ({ candidates: [{ index: 0, content: { role: 'model', parts } }] });
    const stream = encodeEvents(
      [
        part({ text: 'I think', thought: true }),
        part({ text: ' so', thought: true }),
        part({ text: 'Hel' }),
        { ...part({ text: 'lo' }), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 } },
        part({ text: '', thoughtSignature: 'SIG' }),
        part({ text: '!' }),
        {
          candidates: [{ index: 0, finishReason: 'STOP' }],
          usageMetadata: { candidatesTokenCount: 9 },
          modelVersion: 'g',
        },
      ].map((payload) => ({ data: JSON.stringify(payload) })),
    );
    expect(wireFormats['gemini-generate'].toJson!(stream)).toEqual({
      candidates: [
        {
          index: 0,
          content: {
            role: 'model',
            parts: [
              { text: 'I think so', thought: true },
              { text: 'Hello' },
              { text: '', thoughtSignature: 'SIG' },
              { text: '!' },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9 },
      modelVersion: 'g',
    });
  });
});

describe('isStream and usageOf', () => {
  test.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)('%s: the body says stream', (name) => {
    expect(wireFormats[name].isStream(requestOf(name, { body: { stream: true } }))).toBe(true);
    expect(wireFormats[name].isStream(requestOf(name))).toBe(false);
  });

  test('gemini-generate: the URL says stream', () => {
    const url = 'https://g.test/v1beta/models/g:streamGenerateContent?alt=sse';
    expect(wireFormats['gemini-generate'].isStream(requestOf('gemini-generate', { url }))).toBe(true);
    expect(wireFormats['gemini-generate'].isStream(requestOf('gemini-generate'))).toBe(false);
  });

  test.each(Object.values(wireFormats))('$name: usage with its model, or nothing', (format) => {
    const gemini = format.name === 'gemini-generate';
    const answer = gemini ? { modelVersion: 'm', usageMetadata: { a: 1 } } : { model: 'm', usage: { a: 1 } };
    expect(format.usageOf(answer)).toEqual({ model: 'm', usage: { a: 1 } });
    expect(format.usageOf({ model: 'm', usage: null })).toBeUndefined();
    expect(format.usageOf(undefined)).toBeUndefined();
  });
});
