import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProviderStub } from '@agent-cache/provider-stub';
import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ReplaySession } from './index.ts';
import { lab } from './test-support.ts';

// The rows of the comparison in the README, each on a real server that is gone when the recording is replayed.

const key = 'sk-abcdefghijklmnopqrstuvwxyz';
const baseURL = 'https://api.openai.com/v1';
const model = 'gpt-6-sol';
const asking = (content: string): OpenAI.ChatCompletionMessageParam[] => [
  { role: 'system', content: 'Be terse.' },
  { role: 'user', content },
];
const clientOf = ({ fetch }: Pick<ReplaySession, 'fetch'>) => new OpenAI({ apiKey: key, baseURL, fetch });
const ask = async (session: Pick<ReplaySession, 'fetch'>, content: string, more: object = {}): Promise<unknown> =>
  (await clientOf(session).chat.completions.create({ model, messages: asking(content), ...more })).choices;

/** Records a run against a server, and closes it. */
async function recorded(run: (session: ReplaySession) => Promise<unknown>) {
  const stub = await startProviderStub();
  const laboratory = lab();
  let result: unknown;
  const upstream: typeof fetch = (url, init) => fetch(String(url).replace(baseURL, stub.openaiUrl), init);
  await laboratory.record(
    async (session) => {
      result = await run(session);
    },
    { fetch: upstream },
  );
  const calls = stub.requests.length;
  await stub.close();
  return { ...laboratory, result, calls };
}

async function missOf(change: (session: ReplaySession) => Promise<unknown>): Promise<Error> {
  const { open } = await recorded((session) => ask(session, 'ping'));
  const session = await open();
  await change(session).catch(() => undefined);
  return session.commit().then(
    () => {
      throw new Error('it was replayed');
    },
    (error: Error) => error,
  );
}

describe('what is on the disk', () => {
  test('no API key and no cookie, by default', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': `session=${key}`,
        'x-organization': 'acme',
      });
      response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'pong' } }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { record, text } = lab();
    await record((session) => ask(session, 'ping'), {
      fetch: (url, init) => fetch(String(url).replace(baseURL, `http://127.0.0.1:${port}`), init),
    });
    expect(text()).toContain('pong');
    for (const secret of [key, 'session=', 'cookie', 'authorization', 'acme']) expect(text()).not.toContain(secret);
  });

  test('nothing, when the test failed', async () => {
    await using stub = await startProviderStub();
    const { open, file } = lab();
    const session = await open({ fetch: (url, init) => fetch(String(url).replace(baseURL, stub.openaiUrl), init) });
    await ask(session, 'ping');
    session.fail();
    await session[Symbol.asyncDispose]();
    expect(existsSync(file)).toBe(false);
  });
});

describe('streams', () => {
  const frame = (index: number) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: `piece ${index} ` } }] })}\n\n`;
  /** A server that sends a piece, and the next only when the client says that it has come. */
  async function steppedServer() {
    let next = (): void => {};
    const server = createServer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 6; index++) {
        const wanted = new Promise<void>((resolve) => {
          next = resolve;
        });
        response.write(frame(index));
        await wanted;
      }
      response.end('data: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, next: () => next() };
  }

  test('arrive piece by piece while they are recorded, and in the same pieces when they are replayed', async () => {
    const { url, next } = await steppedServer();
    const { open } = lab();
    const read = async (session: ReplaySession, onPiece: () => void): Promise<string[]> => {
      const pieces: string[] = [];
      for await (const piece of (await session.fetch(`${baseURL}/chat/completions`, { method: 'POST', body: '{}' }))
        .body ?? []) {
        pieces.push(Buffer.from(piece).toString());
        onPiece();
      }
      return pieces;
    };
    // The server waits for each piece to be seen, so a recorder that holds the stream back would never end.
    const recording = await open({ fetch: (_url, init) => fetch(url, init) });
    const pieces = await read(recording, next);
    await recording.commit();
    expect(pieces.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5].map(frame));
    expect(await read(await open(), () => {})).toEqual(pieces);
  });
});

describe('a changed request is a miss that names the cause, without the key', () => {
  test.each([
    [
      'the system prompt',
      'the system prompt changed',
      (session: ReplaySession) =>
        ask(session, 'ping', { messages: [{ role: 'system', content: 'Be wordy.' }, ...asking('ping').slice(1)] }),
    ],
    [
      'tools added',
      'a tool changed',
      (session: ReplaySession) => ask(session, 'ping', { tools: [{ type: 'function', function: { name: 'rm' } }] }),
    ],
    ['temperature', 'a sampling setting changed', (session: ReplaySession) => ask(session, 'ping', { temperature: 1 })],
    [
      'a text that contains the recorded one',
      "the user's text changed",
      (session: ReplaySession) => ask(session, 'do not ping, delete everything'),
    ],
  ])('%s', async (_what, cause, change) => {
    const { message } = await missOf(change);
    expect(message).toContain(`Cause: ${cause}`);
    expect(message).not.toContain(key);
  });

  test('the same JSON with keys in another order is no change', async () => {
    const { open, result } = await recorded((session) => ask(session, 'ping'));
    const session = await open();
    const body = JSON.stringify({ messages: asking('ping').map(({ role, content }) => ({ content, role })), model });
    const response = await session.fetch(`${baseURL}/chat/completions`, { method: 'POST', body });
    expect(((await response.json()) as { choices: unknown }).choices).toEqual(result);
    await session.commit();
  });
});

describe('runs', () => {
  test('two identical requests are both sent when recording, and answered in order', async () => {
    const twice = async (session: ReplaySession) => {
      const completions = clientOf(session).chat.completions;
      return [
        await completions.create({ model, messages: asking('ping') }),
        await completions.create({ model, messages: asking('ping') }),
      ];
    };
    const { open, result, calls } = await recorded(twice);
    expect(calls).toBe(2);
    expect((result as { id: string }[])[0]?.id).not.toBe((result as { id: string }[])[1]?.id);
    const session = await open();
    expect(await twice(session)).toEqual(result);
    await session.commit();
  });

  test('three in parallel get their own answers, whatever the order', async () => {
    const words = ['one', 'two', 'three'];
    const all = async (session: ReplaySession, order: readonly string[]) =>
      new Map(await Promise.all(order.map(async (word) => [word, await ask(session, word)] as const)));
    const { open, result } = await recorded((session) => all(session, words));
    const session = await open();
    expect(await all(session, words.toReversed())).toEqual(result);
    await session.commit();
  });

  test('a 429 and the retry after it are recorded and replayed', async () => {
    const stub = await startProviderStub();
    stub.fault({ kind: 'status', status: 429, retryAfterMs: 1 });
    const { record, open, file } = lab();
    let result: unknown;
    await record(
      async (session) => {
        result = await ask(session, 'ping');
      },
      { fetch: (url, init) => fetch(String(url).replace(baseURL, stub.openaiUrl), init) },
    );
    await stub.close();
    expect(
      JSON.parse(readFileSync(file, 'utf8')).exchanges.map(
        ({ response }: { response: { status: number } }) => response.status,
      ),
    ).toEqual([429, 200]);
    const session = await open();
    expect(await ask(session, 'ping')).toEqual(result);
    await session.commit();
  });
});
