import { describe, expect, test } from 'vitest';
import { wireFormatOf, wireFormats } from './wire-format-of.ts';

const post = { method: 'POST', body: '{}' };

describe('wireFormatOf', () => {
  test.each([
    ['https://api.openai.com/v1/chat/completions', 'openai-chat'],
    ['https://api.deepseek.com/chat/completions', 'openai-chat'],
    ['https://api.groq.com/openai/v1/chat/completions', 'openai-chat'],
    ['http://localhost:11434/v1/chat/completions', 'openai-chat'],
    ['https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2026-01-01', 'openai-chat'],
    ['https://api.openai.com/v1/responses', 'openai-responses'],
    ['https://x.openai.azure.com/openai/v1/responses', 'openai-responses'],
    ['https://api.openai.com/v1/embeddings', 'openai-embeddings'],
    ['https://api.anthropic.com/v1/messages', 'anthropic-messages'],
    ['https://api.anthropic.com/v1/messages?beta=true', 'anthropic-messages'],
    ['https://api.deepseek.com/anthropic/v1/messages', 'anthropic-messages'],
    ['https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:generateContent', 'gemini-generate'],
    ['https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse', 'gemini-generate'],
    [
      'https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/g:generateContent',
      'gemini-generate',
    ],
  ])('%s is %s', (url, name) => {
    expect(wireFormatOf(url, post)?.name).toBe(name);
    expect(wireFormatOf(new URL(url), { method: 'post' })?.name).toBe(name);
  });

  test.each([
    'https://api.anthropic.com/v1/messages/batches',
    'https://api.anthropic.com/v1/messages/count_tokens',
    'https://api.openai.com/v1/threads/t/messages',
    'https://api.openai.com/v1/chat/completions/chatcmpl-1',
    'https://api.openai.com/v1/responses/resp_1/cancel',
    'https://api.openai.com/v1/responses/input_tokens',
    'https://api.openai.com/v1/images/generations',
    'https://g.test/v1beta/models/g:streamGenerateContent',
    'https://g.test/v1beta/models/g:countTokens',
    'https://g.test/v1beta/models/g:embedContent',
    'not a url',
  ])('%s is none', (url) => expect(wireFormatOf(url, post)).toBeUndefined());

  test('only POST with text or bytes is a model call', () => {
    const url = 'https://api.openai.com/v1/chat/completions';
    expect(wireFormatOf(url)).toBeUndefined();
    expect(wireFormatOf(url, { method: 'GET' })).toBeUndefined();
    expect(wireFormatOf(url, { method: 'POST', body: new FormData() })).toBeUndefined();
    expect(wireFormatOf(url, { method: 'POST', body: new TextEncoder().encode('{}') })?.name).toBe('openai-chat');
  });

  test('every format is listed under its own name', () => {
    for (const [name, format] of Object.entries(wireFormats)) expect(format.name).toBe(name);
  });
});
