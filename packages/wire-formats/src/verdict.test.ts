import { describe, expect, test } from 'vitest';
import { encodeEvents } from './event-stream.ts';
import { wireFormats } from './index.ts';
import type { Verdict, WireFormatName } from './wire-format.ts';

const choice = (more: object): object => ({
  index: 0,
  message: { role: 'assistant', content: 'x', refusal: null },
  ...more,
});
const chat = (...choices: object[]): object => ({ object: 'chat.completion', choices });
const response = (more: object): object => ({ object: 'response', error: null, output: [], ...more });
const item = (more: object): object => response({ status: 'completed', output: [{ type: 'message', ...more }] });
const message = (stop_reason: unknown): object => ({ type: 'message', content: [], stop_reason });
const candidates = (...reasons: unknown[]): object => ({
  candidates: reasons.map((finishReason, index) => ({ index, content: { parts: [] }, finishReason })),
});

const answers: readonly (readonly [WireFormatName, object, Verdict])[] = [
  ['openai-chat', chat(choice({ finish_reason: 'stop' })), 'complete'],
  ['openai-chat', chat(choice({ finish_reason: 'tool_calls' })), 'complete'],
  ['openai-chat', chat(choice({ finish_reason: 'function_call' })), 'complete'],
  ['openai-chat', chat(choice({ finish_reason: 'length' })), 'truncated'],
  ['openai-chat', chat(choice({ finish_reason: 'content_filter' })), 'refused'],
  ['openai-chat', chat(choice({ finish_reason: 'stop', message: { refusal: 'No.' } })), 'refused'],
  ['openai-chat', chat(choice({ finish_reason: null })), 'unfinished'],
  ['openai-chat', chat(choice({ finish_reason: 'insufficient_system_resource' })), 'failed'],
  ['openai-chat', chat(choice({ finish_reason: 'stop' }), choice({ index: 1, finish_reason: 'length' })), 'truncated'],
  ['openai-chat', chat(), 'unfinished'],
  ['openai-responses', response({ status: 'completed' }), 'complete'],
  [
    'openai-responses',
    response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    'truncated',
  ],
  ['openai-responses', response({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }), 'refused'],
  ['openai-responses', response({ status: 'incomplete', incomplete_details: { reason: 'steered' } }), 'unfinished'],
  ['openai-responses', response({ status: 'failed', error: { code: 'server_error' } }), 'failed'],
  ['openai-responses', response({ status: 'cancelled' }), 'failed'],
  ['openai-responses', response({ status: 'in_progress' }), 'unfinished'],
  ['openai-responses', response({ status: 'queued' }), 'unfinished'],
  ['openai-responses', item({ status: 'completed', content: [{ type: 'refusal', refusal: 'No.' }] }), 'refused'],
  ['openai-responses', item({ status: 'incomplete', content: [] }), 'unfinished'],
  ['anthropic-messages', message('end_turn'), 'complete'],
  ['anthropic-messages', message('stop_sequence'), 'complete'],
  ['anthropic-messages', message('tool_use'), 'complete'],
  ['anthropic-messages', message('max_tokens'), 'truncated'],
  ['anthropic-messages', message('model_context_window_exceeded'), 'truncated'],
  ['anthropic-messages', message('refusal'), 'refused'],
  ['anthropic-messages', message('pause_turn'), 'unfinished'],
  ['anthropic-messages', message(null), 'unfinished'],
  ['anthropic-messages', message('reason_of_the_future'), 'failed'],
  ['gemini-generate', candidates('STOP'), 'complete'],
  ['gemini-generate', candidates('STOP', 'STOP'), 'complete'],
  ['gemini-generate', candidates('STOP', 'SAFETY'), 'refused'],
  ['gemini-generate', candidates('MAX_TOKENS'), 'truncated'],
  ['gemini-generate', candidates('MALFORMED_FUNCTION_CALL'), 'failed'],
  ['gemini-generate', candidates('CONTINUATION'), 'unfinished'],
  ['gemini-generate', candidates(undefined), 'unfinished'],
];

describe('the verdict on an answer', () => {
  test.each(answers)('%s %j is %s', (name, answer, verdict) => {
    const format = wireFormats[name];
    expect(format.verdictOf(answer)).toBe(verdict);
    expect(format.isComplete(answer)).toBe(verdict === 'complete');
    expect(format.isComplete(answer, { storeTruncated: true })).toBe(verdict === 'complete' || verdict === 'truncated');
  });

  test.each(Object.values(wireFormats))('$name: an error, or no answer at all, is never complete', (format) => {
    for (const answer of [
      { error: { message: 'overloaded' } },
      { type: 'error', error: {} },
      {},
      [],
      null,
      'text',
      7,
    ]) {
      expect(format.verdictOf(answer)).not.toBe('complete');
    }
  });

  test('a blocked prompt is refused', () => {
    expect(wireFormats['gemini-generate'].verdictOf({ promptFeedback: { blockReason: 'SAFETY' } })).toBe('refused');
  });

  test('every choice that was asked for must be there', () => {
    const one = chat(choice({ finish_reason: 'stop' }));
    expect(wireFormats['openai-chat'].verdictOf(one, { n: 2 })).toBe('unfinished');
    expect(wireFormats['openai-chat'].verdictOf(one, { n: 1 })).toBe('complete');
    const two = { generationConfig: { candidateCount: 2 } };
    expect(wireFormats['gemini-generate'].verdictOf(candidates('STOP'), two)).toBe('unfinished');
    expect(wireFormats['gemini-generate'].verdictOf(candidates('STOP', 'STOP'), two)).toBe('complete');
  });

  test('every input must have its vector, in its place', () => {
    const { verdictOf } = wireFormats['openai-embeddings'];
    const vector = (index: number, embedding: unknown = [0.1]): object => ({ object: 'embedding', index, embedding });
    const body = { model: 'm', input: ['a', 'b'] };
    expect(verdictOf({ data: [vector(0), vector(1, 'AAAA')] }, body)).toBe('complete');
    expect(verdictOf({ data: [vector(0)] }, body)).toBe('unfinished');
    expect(verdictOf({ data: [vector(1), vector(0)] }, body)).toBe('unfinished');
    expect(verdictOf({ data: [vector(0), vector(1, [])] }, body)).toBe('unfinished');
    expect(verdictOf({ data: [vector(0), vector(1, null)] })).toBe('unfinished');
    expect(verdictOf({ data: [vector(0)] }, { input: [1, 2, 3] })).toBe('complete');
    expect(verdictOf({ data: [] })).toBe('unfinished');
  });
});

describe('watching a stream', () => {
  const verdictOf = (
    name: WireFormatName,
    frames: readonly (string | readonly [string, object])[],
    body?: unknown,
  ): string => {
    const watcher = wireFormats[name].watch!(body);
    const events = frames.map((frame) =>
      typeof frame === 'string'
        ? { data: frame }
        : { event: frame[0], data: JSON.stringify({ type: frame[0], ...frame[1] }) },
    );
    const ended = events.map((event) => watcher.push(encodeEvents([event])));
    const first = ended.indexOf(true);
    // Once it has ended it stays ended.
    expect(ended.slice(first === -1 ? ended.length : first).every(Boolean)).toBe(true);
    return `${watcher.verdict()}${first === -1 ? '' : ` at ${first}`}`;
  };
  const piece = (more: object): string =>
    JSON.stringify({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null, ...more }] });
  const stop = piece({ delta: {}, finish_reason: 'stop' });

  test.each([
    [[piece({}), stop, '[DONE]'], 'complete at 2'],
    [[piece({}), stop], 'unfinished'],
    [[piece({}), '[DONE]'], 'unfinished at 1'],
    [['[DONE]'], 'unfinished at 0'],
    [[piece({}), '{"error":{"message":"overloaded"}}', '[DONE]'], 'failed at 1'],
    [[piece({}), '{"error" : {"message":"overloaded"}}', '[DONE]'], 'failed at 1'],
    [[['error', { message: 'overloaded' }] as const, '[DONE]'], 'failed at 0'],
    [[piece({ delta: { refusal: 'No' } }), stop, '[DONE]'], 'refused at 2'],
    [[piece({ finish_reason: 'length' }), '[DONE]'], 'truncated at 1'],
    [[stop, piece({ index: 1, finish_reason: 'content_filter' }), '[DONE]'], 'refused at 2'],
    [
      ['{"choices":[{"index":0,"delta":{},"finish_reason": "stop"}]}', '{"choices":[],"usage":{}}', '[DONE]'],
      'complete at 2',
    ],
    [['not json "finish_reason":"stop"', '[DONE]'], 'unfinished at 1'],
  ])('openai-chat %j is %s', (frames, verdict) => {
    expect(verdictOf('openai-chat', frames)).toBe(verdict);
  });

  test('openai-chat: a choice that is still writing when the others are done leaves the stream unfinished', () => {
    const other = piece({ index: 1 });
    expect(verdictOf('openai-chat', [piece({}), other, stop, '[DONE]'], { n: 2 })).toBe('unfinished at 3');
    expect(verdictOf('openai-chat', [piece({}), other, stop, '[DONE]'])).toBe('unfinished at 3');
  });

  test('openai-chat: text that quotes a frame is text', () => {
    const quoting = piece({ delta: { content: '"finish_reason":"stop" [DONE] "error":{}' } });
    expect(verdictOf('openai-chat', [quoting, stop, '[DONE]'])).toBe('complete at 2');
    expect(verdictOf('openai-chat', [quoting])).toBe('unfinished');
  });

  const started = ['response.created', { response: { status: 'in_progress' } }] as const;
  test.each([
    [[started, ['response.completed', { response: response({ status: 'completed' }) }] as const], 'complete at 1'],
    [[started], 'unfinished'],
    [[started, ['response.failed', { response: response({ status: 'failed' }) }] as const], 'failed at 1'],
    [[started, ['error', { code: 'server_error' }] as const], 'failed at 1'],
    [
      [
        started,
        [
          'response.incomplete',
          { response: response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }) },
        ] as const,
      ],
      'truncated at 1',
    ],
    [
      [
        started,
        ['response.refusal.delta', { delta: 'No' }] as const,
        ['response.completed', { response: response({ status: 'completed' }) }] as const,
      ],
      'refused at 2',
    ],
    [[started, ['response.completed', { response: response({ status: 'in_progress' }) }] as const], 'unfinished at 1'],
  ])('openai-responses %j is %s', (frames, verdict) => {
    expect(verdictOf('openai-responses', frames)).toBe(verdict);
  });

  const begun = ['message_start', { message: {} }] as const;
  const ending = (stop_reason: string | null): readonly [string, object] => [
    'message_delta',
    { delta: { stop_reason } },
  ];
  const end = ['message_stop', {}] as const;
  test.each([
    [[begun, ending('end_turn'), end], 'complete at 2'],
    [[begun, ending('end_turn')], 'unfinished'],
    [[begun, ending('max_tokens'), end], 'truncated at 2'],
    [[begun, ending('refusal'), end], 'refused at 2'],
    [[begun, ending('pause_turn'), end], 'unfinished at 2'],
    [[begun, end], 'unfinished at 1'],
    [[ending('end_turn'), end], 'unfinished at 1'],
    [[begun, ['ping', {}] as const, ['error', { error: { type: 'overloaded_error' } }] as const, end], 'failed at 2'],
  ])('anthropic-messages %j is %s', (frames, verdict) => {
    expect(verdictOf('anthropic-messages', frames)).toBe(verdict);
  });

  test.each([
    [[candidates(undefined), candidates('STOP')], 'complete'],
    [[candidates(undefined)], 'unfinished'],
    [[candidates('STOP', undefined), { usageMetadata: {} }], 'unfinished'],
    [[candidates('STOP', undefined), { candidates: [{ index: 1, finishReason: 'STOP' }] }], 'complete'],
    [[candidates(undefined), { error: { code: 503 } }, candidates('STOP')], 'failed at 1'],
    [[{ promptFeedback: { blockReason: 'SAFETY' } }], 'refused at 0'],
  ])('gemini-generate %j is %s', (chunks, verdict) => {
    const frames = chunks.map((chunk) => JSON.stringify(chunk));
    expect(verdictOf('gemini-generate', frames)).toBe(verdict);
  });

  test('gemini-generate: every candidate that was asked for must be there', () => {
    const body = { generationConfig: { candidateCount: 2 } };
    expect(verdictOf('gemini-generate', [JSON.stringify(candidates('STOP'))], body)).toBe('unfinished');
  });
});
