import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { api, asking, lab, saying, upstreamOf } from './test-support.ts';

const apiKey = 'sk-abcdefghijklmnopqrstuvwxyz';
const messages = [{ role: 'user' as const, content: 'hi' }];

/** Each asks something that is not recorded, with the client's own settings for retries. */
const clients: Readonly<Record<string, (fetch: typeof globalThis.fetch) => Promise<unknown>>> = {
  'openai, chat': (fetch) => new OpenAI({ apiKey, fetch }).chat.completions.create({ model: 'gpt-6-sol', messages }),
  'openai, responses, streamed': async (fetch) => {
    const stream = await new OpenAI({ apiKey, fetch }).responses.create({
      model: 'gpt-6-sol',
      input: 'hi',
      stream: true,
    });
    for await (const _event of stream);
  },
  '@anthropic-ai/sdk': (fetch) =>
    new Anthropic({ apiKey, fetch }).messages.create({ model: 'claude-opus-5-5', max_tokens: 9, messages }),
  '@anthropic-ai/sdk, streamed': (fetch) =>
    new Anthropic({ apiKey, fetch }).messages
      .stream({ model: 'claude-opus-5-5', max_tokens: 9, messages })
      .finalMessage(),
  'AI SDK, generateText': (fetch) =>
    generateText({ model: createOpenAI({ apiKey, fetch })('gpt-6-sol'), prompt: 'hi' }),
  'AI SDK, streamText': async (fetch) => {
    let failure: unknown;
    const onError = ({ error }: { error: unknown }): void => {
      failure = error;
    };
    const { textStream } = streamText({ model: createOpenAI({ apiKey, fetch })('gpt-6-sol'), prompt: 'hi', onError });
    for await (const _text of textStream);
    throw failure;
  },
  'LangChain, invoke': (fetch) => new ChatOpenAI({ apiKey, model: 'gpt-6-sol', configuration: { fetch } }).invoke('hi'),
  'LangChain, stream': async (fetch) => {
    for await (const _chunk of await new ChatOpenAI({ apiKey, model: 'gpt-6-sol', configuration: { fetch } }).stream(
      'hi',
    ));
  },
};

test.each(Object.entries(clients))('%s: a miss is one call whose message arrives whole', async (_name, ask) => {
  const { record, open } = lab();
  await record(({ fetch }) => fetch(api, asking('something else')), { fetch: upstreamOf(saying('x')) });
  const session = await open();
  let calls = 0;
  const counted: typeof fetch = (...call) => {
    calls += 1;
    return session.fetch(...call);
  };
  const error = await ask(counted).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const told = await session.commit().then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(calls).toBe(1);
  expect(told).toMatchObject({ code: 'ERR_REPLAY_MISS' });
  // JSON in a message shows line feeds as \n; nothing else may be lost.
  const shown = String((error as Error).message)
    .replaceAll('\\n', '\n')
    .replaceAll('\\"', '"');
  expect(shown).toContain(told?.message);
  expect(shown).not.toContain(apiKey);
});

test('streamText without onError hides the miss, and the session still tells it', async () => {
  const { record, open } = lab();
  await record(({ fetch }) => fetch(api, asking('something else')), { fetch: upstreamOf(saying('x')) });
  const session = await open();
  const { fetch } = session;
  const { text } = streamText({ model: createOpenAI({ apiKey, fetch })('gpt-6-sol'), prompt: 'hi', onError() {} });
  await expect(Promise.resolve(text)).rejects.toThrow(/No output generated/);
  session.fail();
  await expect(session[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS' });
});
