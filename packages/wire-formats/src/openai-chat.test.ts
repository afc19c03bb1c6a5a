import { describe, expect, test } from 'vitest';
import { wireFormatOf, wireFormats } from './index.ts';

describe('smoke', () => {
  test('all', () => {
    const f = wireFormatOf('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}' });
    expect(f?.name).toBe('openai-chat');
    const j = {
      id: 'a',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'héllo',
            refusal: null,
            tool_calls: [{ id: 'x', type: 'function', function: { name: 'n', arguments: '{}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 1 },
    };
    const s = wireFormats['openai-chat'].toStream?.(j, { body: { stream_options: { include_usage: true } } });
    expect(wireFormats['openai-chat'].toJson?.(s!)).toEqual(j);
    const a = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'text', text: 'x', citations: null },
        { type: 'tool_use', id: 't', name: 'n', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 33 },
    };
    expect(
      wireFormats['anthropic-messages'].toJson?.(wireFormats['anthropic-messages'].toStream!(a, { body: {} })),
    ).toEqual(a);
  });
});
