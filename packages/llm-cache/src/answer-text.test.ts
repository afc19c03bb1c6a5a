import type { StubAnswer } from '@agent-cache/provider-stub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOfAnswer } from './answer-text.ts';
import { testIndex } from './test-index.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
const stored: unknown[] = [];
beforeAll(async () => {
  const answers = {
    ...testIndex(),
    learn: async (_ticket: unknown, _question: unknown, entry: { value: unknown }) => void stored.push(entry.value),
  };
  world = await createWorld({ llm: { answers } });
});
afterAll(() => world.stub.close());

const answer: StubAnswer = { text: 'Five euros, once.' };
const model = 'gpt-6-sol';
const messages = [{ role: 'user' as const, content: 'What does a card cost?' }];
const message = { model: 'claude-opus-5-5', max_tokens: 2_000, messages };
const gemini = (method: string) =>
  world.llm.fetch(`${world.stub.geminiUrl}/v1beta/models/gemini-3-pro:${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'key' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: `What of ${method}?` }] }] }),
  });
const asks: Record<string, () => Promise<unknown>> = {
  'chat, plain': () => world.openai.chat.completions.create({ model, messages }),
  'chat, streamed': () =>
    world.openai.chat.completions.stream({ model, messages, temperature: 0 }).finalChatCompletion(),
  'responses, plain': () => world.openai.responses.create({ model, input: 'a' }),
  'responses, streamed': () => world.openai.responses.stream({ model, input: 'b' }).finalResponse(),
  'anthropic, plain': () => world.anthropic.messages.create(message),
  'anthropic, thinking and streamed': () =>
    world.anthropic.messages.stream({ ...message, thinking: { type: 'enabled', budget_tokens: 1_024 } }).finalMessage(),
  'gemini, plain': async () => (await gemini('generateContent')).text(),
  'gemini, streamed': async () => (await gemini('streamGenerateContent?alt=sse')).text(),
};

test.each(Object.entries(asks))('the text of an answer is what is said in it: %s', async (_name, ask) => {
  world.stub.script([answer]);
  stored.splice(0);
  await ask();
  await world.llm.flush();
  expect(stored.map(textOfAnswer)).toEqual(['Five euros, once.']);
});

test('what is no answer has no text', () => {
  const bytes = new Uint8Array([1]);
  const broken = { format: 'openai-chat', status: 200, headers: [], body: bytes, cuts: [], streamed: false };
  for (const value of [undefined, null, 'text', {}, { format: 'toString' }, broken, { ...broken, streamed: true }]) {
    expect(textOfAnswer(value)).toBeUndefined();
  }
});
