import { FunctionCallingConfigMode, ThinkingLevel } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderStub, startProviderStub } from './start-provider-stub.ts';
import { type Clients, clientsOf, collected } from './test-clients.ts';

const model = 'gemini-2.5-pro';
const contents = 'Where is my order A-1029?';
const parametersJsonSchema = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };
const tools = [{ functionDeclarations: [{ name: 'find_order', description: 'Finds an order', parametersJsonSchema }] }];

describe.each([{ cutEveryBytes: 0 }, { cutEveryBytes: 57 }])('generateContent, %o', (options) => {
  let stub: ProviderStub;
  let clients: Clients;
  beforeAll(async () => {
    stub = await startProviderStub(options);
    clients = clientsOf(stub);
  });
  afterAll(() => stub.close());
  beforeEach(() => stub.reset());

  test('streamed pieces add up to the plain answer, the last one carries the usage', async () => {
    const plain = await clients.gemini.models.generateContent({ model, contents });
    const chunks = await collected(await clients.gemini.models.generateContentStream({ model, contents }));
    expect(plain.text).toContain('A-1029');
    expect(chunks.map(({ text }) => text).join('')).toBe(plain.text);
    expect(chunks.at(-1)?.usageMetadata).toEqual(plain.usageMetadata);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  });

  test('calls a function, streamed and plain alike, and quotes its result', async () => {
    const config = { tools };
    const plain = await clients.gemini.models.generateContent({ model, contents, config });
    const chunks = await collected(await clients.gemini.models.generateContentStream({ model, contents, config }));
    const [call] = plain.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'find_order', args: { orderId: 'A-1029' } });
    expect(chunks.flatMap((chunk) => chunk.functionCalls ?? [])).toMatchObject([{ args: { orderId: 'A-1029' } }]);
    const turns = [
      { role: 'user', parts: [{ text: contents }] },
      plain.candidates?.[0]?.content ?? {},
      { role: 'user', parts: [{ functionResponse: { name: 'find_order', response: { output: 'Shipped' } } }] },
    ];
    const second = await clients.gemini.models.generateContent({ model, contents: turns, config });
    expect(second.text).toContain('According to find_order: “Shipped”');
  });

  test('functions stay uncalled when the mode is NONE', async () => {
    const toolConfig = { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } };
    const { functionCalls } = await clients.gemini.models.generateContent({
      model,
      contents,
      config: { tools, toolConfig },
    });
    expect(functionCalls).toBeUndefined();
  });

  test('thoughts are parts of their own, counted apart', async () => {
    const thinkingConfig = { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW };
    const answer = await clients.gemini.models.generateContent({ model, contents, config: { thinkingConfig } });
    expect(answer.candidates?.[0]?.content?.parts?.[0]).toMatchObject({ thought: true });
    const {
      promptTokenCount = 0,
      candidatesTokenCount = 0,
      thoughtsTokenCount = 0,
      totalTokenCount,
    } = answer.usageMetadata ?? {};
    expect(thoughtsTokenCount).toBeGreaterThan(0);
    expect(totalTokenCount).toBe(promptTokenCount + candidatesTokenCount + thoughtsTokenCount);
  });

  test('the token limit is MAX_TOKENS', async () => {
    const answer = await clients.gemini.models.generateContent({ model, contents, config: { maxOutputTokens: 4 } });
    expect(answer.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
  });

  test('a filtered answer has no content, a refused prompt no candidate', async () => {
    stub.script([{ stopReason: 'content_filter' }, { stopReason: 'refusal' }]);
    const filtered = await clients.gemini.models.generateContent({ model, contents });
    const refused = await clients.gemini.models.generateContent({ model, contents });
    expect(filtered.candidates).toEqual([{ finishReason: 'SAFETY', index: 0 }]);
    expect(refused.candidates).toBeUndefined();
    expect(refused.promptFeedback).toEqual({ blockReason: 'PROHIBITED_CONTENT' });
  });

  test('the cached part of the prompt is counted inside the prompt', async () => {
    const long = 'policy '.repeat(4_000);
    const first = await clients.gemini.models.generateContent({ model, contents: long });
    const second = await clients.gemini.models.generateContent({ model, contents: long });
    expect(first.usageMetadata?.cachedContentTokenCount).toBeUndefined();
    expect(second.usageMetadata).toMatchObject({ promptTokenCount: 7_000, cachedContentTokenCount: 6_912 });
  });

  test('countTokens() counts what usage counts', async () => {
    const { totalTokens } = await clients.gemini.models.countTokens({ model, contents });
    const { usageMetadata } = await clients.gemini.models.generateContent({ model, contents });
    expect(totalTokens).toBe(usageMetadata?.promptTokenCount);
  });
});
