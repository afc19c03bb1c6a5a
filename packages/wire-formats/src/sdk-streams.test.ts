import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { wireFormats } from './index.ts';
import type { WireFormatName } from './wire-format.ts';

/** A provider that has one JSON answer and renders it as a stream when asked to. */
function provider(name: WireFormatName, answer: object): (url: unknown, init?: RequestInit) => Promise<Response> {
  const format = wireFormats[name];
  return (url, init) => {
    const request = { url: new URL(String(url)), body: JSON.parse(String(init?.body)) as unknown };
    const streamed = format.isStream(request);
    const body = streamed ? format.toStream!(answer, request) : new TextEncoder().encode(JSON.stringify(answer));
    // Cut at awkward places: the clients' own parsers have to agree with the framing.
    const pieces = Array.from({ length: Math.ceil(body.length / 57) }, (_, index) =>
      body.slice(index * 57, index * 57 + 57),
    );
    const headers = { 'content-type': streamed ? 'text/event-stream' : 'application/json', 'x-request-id': 'req_1' };
    return Promise.resolve(new Response(ReadableStream.from(pieces) as ReadableStream, { headers }));
  };
}

/** What came over the wire: the clients' helpers add fields of their own (`parsed`, `parsed_arguments`, `parsed_output`). */
function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (field, inner: unknown) => (field.startsWith('parsed') ? undefined : inner)));
}

const openai = (name: WireFormatName, answer: object): OpenAI =>
  new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: provider(name, answer) });

describe('openai chat completions', () => {
  const chat = (message: object, more: object = {}): object => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-6-sol',
    system_fingerprint: 'fp',
    service_tier: 'default',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, refusal: null, ...message },
        logprobs: null,
        finish_reason: 'stop',
        ...more,
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21, prompt_tokens_details: { cached_tokens: 3 } },
  });
  const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } };
  const logprob = { token: 'H', bytes: [72], logprob: -0.5, top_logprobs: [] };
  const params = {
    model: 'gpt-6-sol',
    messages: [{ role: 'user' as const, content: 'hi' }],
    stream_options: { include_usage: true },
  };

  test.each([
    ['text', chat({ content: 'Héllo 🌍 world' })],
    ['tool calls', chat({ tool_calls: [call, { ...call, id: 'call_2' }] }, { finish_reason: 'tool_calls' })],
    ['text and a tool call', chat({ content: 'Let me see.', tool_calls: [call] }, { finish_reason: 'tool_calls' })],
    ['a function call', chat({ function_call: { name: 'f', arguments: '{}' } }, { finish_reason: 'function_call' })],
    ['a refusal', chat({ refusal: 'I will not.' })],
    ['log probabilities', chat({ content: 'H' }, { logprobs: { content: [logprob], refusal: null } })],
    ['annotations', chat({ content: 'x', annotations: [{ type: 'url_citation', url_citation: { url: 'u' } }] })],
    ['audio', chat({ audio: { id: 'a', data: 'AAAA', expires_at: 7, transcript: 'hm' } })],
    ['reasoning of other vendors', chat({ content: 'x', reasoning_content: 'hm, yes' })],
    ['empty text', chat({ content: '' })],
  ])('finalChatCompletion() of %s is what parse() gives', async (_title, answer) => {
    const client = openai('openai-chat', answer);
    const plain = await client.chat.completions.parse(params);
    const final = await client.chat.completions.stream({ ...params }).finalChatCompletion();
    expect(wire(final)).toEqual(wire(plain));
  });

  test('several choices arrive as several choices', async () => {
    const one = chat({ content: 'one' }) as { choices: object[] };
    const two = {
      ...one,
      choices: [one.choices[0], { ...(chat({ content: 'two' }) as typeof one).choices[0], index: 1 }],
    };
    const final = await openai('openai-chat', two)
      .chat.completions.stream({ ...params, n: 2 })
      .finalChatCompletion();
    expect(final.choices.map((choice) => choice.message.content)).toEqual(['one', 'two']);
  });

  test('usage comes only to those who asked', async () => {
    const client = openai('openai-chat', chat({ content: 'x' }));
    const { stream_options: _options, ...silent } = params;
    for await (const chunk of await client.chat.completions.create({ ...silent, stream: true })) {
      expect(chunk).not.toHaveProperty('usage');
      expect(chunk.choices).toHaveLength(1);
    }
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...params, stream: true })) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 21 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });
});

describe('openai responses', () => {
  const response = (output: object[], more: object = {}): object => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    completed_at: 2,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: 'gpt-6-sol',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    metadata: {},
    usage: { input_tokens: 12, input_tokens_details: { cached_tokens: 3 }, output_tokens: 9, total_tokens: 21 },
    ...more,
  });
  const text = {
    type: 'output_text',
    text: 'Héllo 🌍',
    annotations: [{ type: 'url_citation', url: 'u' }],
    logprobs: [],
  };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [text] };

  test.each([
    ['text', [message]],
    ['a refusal', [{ ...message, content: [{ type: 'refusal', refusal: 'I will not.' }] }]],
    [
      'a function call',
      [{ id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}', status: 'completed' }],
    ],
    ['a custom tool call', [{ id: 'ctc_1', type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'select 1' }]],
    [
      'reasoning, then text',
      [
        { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'AAAA' },
        message,
      ],
    ],
    [
      'reasoning in words',
      [{ id: 'rs_1', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] }],
    ],
    [
      'an item of the future',
      [{ id: 'x_1', type: 'item_of_the_future', status: 'completed', what: { ever: 1 } }, message],
    ],
    ['nothing', []],
  ])('finalResponse() of %s is what parse() gives', async (_title, output) => {
    const client = openai('openai-responses', response(output));
    const params = { model: 'gpt-6-sol', input: 'hi' };
    const plain = await client.responses.parse(params);
    const final = await client.responses.stream({ ...params }).finalResponse();
    expect(wire(final)).toEqual(wire(plain));
  });

  test('events are numbered from zero without a gap', async () => {
    const client = openai('openai-responses', response([message]));
    const numbers = [];
    for await (const event of await client.responses.create({ model: 'm', input: 'hi', stream: true })) {
      numbers.push(event.sequence_number);
    }
    expect(numbers).toEqual([...numbers.keys()]);
    expect(numbers.length).toBeGreaterThan(8);
  });
});

describe('anthropic messages', () => {
  const message = (content: object[], more: object = {}): object => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-5',
    container: null,
    content,
    diagnostics: null,
    stop_details: null,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 4096,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 33,
      output_tokens_details: { thinking_tokens: 5 },
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: null,
    },
    ...more,
  });
  const params = {
    model: 'claude-opus-5-5' as const,
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: 'hi' }],
  };
  const tool = { type: 'tool_use', id: 't', name: 'f', input: { city: 'Zürich', n: 3 }, caller: { type: 'direct' } };

  test.each([
    ['text', message([{ type: 'text', text: 'Héllo 🌍', citations: null }])],
    [
      'thinking with its signature',
      message([
        { type: 'thinking', thinking: 'hm', signature: 'SIG==' },
        { type: 'text', text: 'x', citations: null },
      ]),
    ],
    ['redacted thinking', message([{ type: 'redacted_thinking', data: 'AAAA' }])],
    [
      'tool use',
      message([{ type: 'text', text: 'x', citations: null }, tool, { ...tool, id: 'u' }], { stop_reason: 'tool_use' }),
    ],
    ['a tool without input', message([{ ...tool, input: {} }], { stop_reason: 'tool_use' })],
    ['citations', message([{ type: 'text', text: 'x', citations: [{ type: 'char_location', cited_text: 'y' }] }])],
    [
      'a server tool',
      message([
        { ...tool, type: 'server_tool_use' },
        { type: 'web_search_tool_result', tool_use_id: 't', content: [] },
      ]),
    ],
    [
      'a stop sequence',
      message([{ type: 'text', text: 'x', citations: null }], { stop_reason: 'stop_sequence', stop_sequence: 'END' }),
    ],
    ['a block of the future', message([{ type: 'block_of_the_future', what: { ever: 1 } }])],
  ])('finalMessage() of %s is what create() gives', async (_title, answer) => {
    const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: provider('anthropic-messages', answer) });
    const plain = await client.messages.create(params);
    const final = await client.messages.stream(params).finalMessage();
    expect(wire(final)).toEqual(wire(plain));
  });

  test('the beta client understands the stream too', async () => {
    const answer = message([{ type: 'text', text: 'x', citations: null }, tool], { stop_reason: 'tool_use' });
    const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: provider('anthropic-messages', answer) });
    const plain = await client.beta.messages.create(params);
    const final = await client.beta.messages.stream(params).finalMessage();
    expect(wire(final)).toEqual(wire(plain));
  });
});

describe('gemini', () => {
  test('the stream has what generateContent() gives', async () => {
    const answer = {
      candidates: [
        {
          index: 0,
          content: { role: 'model', parts: [{ text: 'Héllo 🌍' }, { functionCall: { name: 'f', args: {} } }] },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
      modelVersion: 'gemini-3-flash',
      responseId: 'r',
    };
    const fetch = provider('gemini-generate', answer);
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch } });
    const params = { model: 'gemini-3-flash', contents: 'hi' };
    const plain = await client.models.generateContent(params);
    const chunks = [];
    for await (const chunk of await client.models.generateContentStream(params)) chunks.push(chunk);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.candidates).toEqual(plain.candidates);
    expect(chunks[0]?.usageMetadata).toEqual(plain.usageMetadata);
  });
});
