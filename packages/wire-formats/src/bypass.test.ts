import { describe, expect, test } from 'vitest';
import { wireFormats } from './index.ts';
import { formatNames, minimalBody, requestOf } from './test-requests.ts';
import type { WireFormatName } from './wire-format.ts';

const reason = (name: WireFormatName, more: object, hostedTools = false): string | undefined =>
  wireFormats[name].bypass(requestOf(name, { body: { ...minimalBody(name), ...more } }), { hostedTools });

describe('bypass', () => {
  test.each(formatNames)('%s: a plain request may be cached', (name) => {
    expect(reason(name, {})).toBeUndefined();
  });

  test.each(formatNames)('%s: a body of another shape is not', (name) => {
    for (const body of [{}, [], 'text', null, 7]) {
      expect(wireFormats[name].bypass({ ...requestOf(name), body })).toBeTypeOf('string');
    }
  });

  const always: [WireFormatName, object][] = [
    ['openai-responses', { background: true }],
    ['openai-responses', { conversation: 'conv_1' }],
    ['openai-responses', { conversation: { id: 'conv_1' } }],
    ['openai-responses', { prompt_cache_options: { prewarm: true } }],
    ['anthropic-messages', { max_tokens: 0 }],
    ['anthropic-messages', { container: 'c' }],
    ['anthropic-messages', { thread: { id: 't' } }],
  ];
  test.each(always)('%s with %o is never cached', (name, more) => {
    expect(reason(name, more)).toBeTypeOf('string');
    expect(reason(name, more, true)).toBeTypeOf('string');
  });

  const hosted: [WireFormatName, object][] = [
    ['openai-chat', { web_search_options: {} }],
    ['openai-chat', { search_parameters: { mode: 'auto' } }],
    ['openai-chat', { plugins: [{ id: 'web' }] }],
    ['openai-chat', { enable_search: true }],
    ['openai-chat', { model: 'gpt-5-search-api' }],
    ['openai-chat', { model: 'openai/gpt-6:online' }],
    ['openai-chat', { tools: [{ type: 'web_search' }] }],
    ...[
      'web_search',
      'file_search',
      'code_interpreter',
      'mcp',
      'computer',
      'shell',
      'image_generation',
      'tool_of_the_future',
    ].map((type): [WireFormatName, object] => [
      'openai-responses',
      { tools: [{ type: 'function', name: 'f' }, { type }] },
    ]),
    ['anthropic-messages', { tools: [{ type: 'web_search_20260318', name: 'web_search' }] }],
    ['anthropic-messages', { tools: [{ type: 'web_fetch_20260318', name: 'web_fetch' }] }],
    ['anthropic-messages', { tools: [{ type: 'code_execution_20260521', name: 'code_execution' }] }],
    ['anthropic-messages', { tools: [{ type: 'tool_of_the_future_20270101', name: 'x' }] }],
    ['anthropic-messages', { mcp_servers: [{ type: 'url', url: 'u', name: 'n' }] }],
    ['gemini-generate', { tools: [{ googleSearch: {} }] }],
    ['gemini-generate', { tools: [{ google_search: {} }] }],
    ['gemini-generate', { tools: [{ functionDeclarations: [] }, { toolOfTheFuture: {} }] }],
  ];
  test.each(hosted)('%s with %o is cached only when hosted tools are allowed', (name, more) => {
    expect(reason(name, more)).toBeTypeOf('string');
    expect(reason(name, more, true)).toBeUndefined();
  });

  const callers: [WireFormatName, object][] = [
    [
      'openai-chat',
      {
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'c' } },
        ],
      },
    ],
    ['openai-chat', { search_parameters: { mode: 'off' }, plugins: [], enable_search: false }],
    [
      'openai-responses',
      { tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }, { type: 'apply_patch' }] },
    ],
    ['openai-responses', { previous_response_id: 'resp_1', conversation: null, background: false }],
    ['openai-responses', { input: undefined, prompt: { id: 'pmpt_1' } }],
    [
      'anthropic-messages',
      { tools: [{ name: 'f', input_schema: {} }, { type: 'custom', name: 'g' }, { type: 'bash_20250124' }] },
    ],
    ['anthropic-messages', { tools: [{ type: 'text_editor_20250728' }, { type: 'computer_toolset_20260801' }] }],
    ['anthropic-messages', { tools: [{ type: 'tool_search_tool_bm25' }], container: null }],
    ['gemini-generate', { tools: [{ functionDeclarations: [{ name: 'f' }] }] }],
  ];
  test.each(callers)('%s with %o is cached: the caller runs those tools', (name, more) => {
    expect(reason(name, more)).toBeUndefined();
  });
});
