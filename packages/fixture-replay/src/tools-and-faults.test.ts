import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openReplay, ReplayError } from './index.ts';
import { api, asking, lab, noUpstream, saying, temporaryFolder, upstreamOf, wordsOf } from './test-support.ts';

const stream = ['a', 'b', 'c']
  .map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`)
  .join('');
const streaming = () => new Response(stream, { headers: { 'content-type': 'text/event-stream' } });

async function eventsUntilError(response: Response): Promise<[number, string | undefined]> {
  let text = '';
  try {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  } catch (error) {
    return [text.split('\n\n').length - 1, (error as Error).message];
  }
  return [text.split('\n\n').length - 1, undefined];
}

describe('a fault', () => {
  test('befalls a recorded step as often as it says, and the step is still there after', async () => {
    const { record, open } = lab();
    await record(({ fetch }) => fetch(api, asking('hi')), { fetch: upstreamOf(saying('hello')) });
    const session = await open();
    session.fault({ step: 1, status: 429, times: 2, message: 'slow down' });
    const first = await session.fetch(api, asking('hi'));
    expect([first.status, await first.json()]).toMatchObject([429, { error: { message: 'slow down' } }]);
    expect((await session.fetch(api, asking('hi'))).status).toBe(429);
    expect(await wordsOf(session.fetch(api, asking('hi')))).toBe('hello');
    await session.commit();
  });

  test('breaks a recorded stream off after so many events', async () => {
    const { record, open } = lab();
    await record(async ({ fetch }) => (await fetch(api, asking('hi'))).text(), { fetch: async () => streaming() });
    const session = await open({ chunking: { seed: 3 } });
    session.fault({ step: 1, cutAfterEvents: 2 });
    expect(await eventsUntilError(await session.fetch(api, asking('hi')))).toEqual([2, 'terminated']);
    expect(await eventsUntilError(await session.fetch(api, asking('hi')))).toEqual([3, undefined]);
    await session.commit();
  });

  test('while recording, the step is recorded once and as it is', async () => {
    const { open } = lab();
    const upstream = upstreamOf(saying('one'), saying('two'));
    const run = async (session: Awaited<ReturnType<typeof open>>) => {
      session.fault({ step: 2, status: 500 });
      const first = await wordsOf(session.fetch(api, asking('a')));
      const failed = (await session.fetch(api, asking('b'))).status;
      return [first, failed, await wordsOf(session.fetch(api, asking('b')))];
    };
    const recording = await open({ fetch: upstream });
    expect(await run(recording)).toEqual(['one', 500, 'two']);
    await recording.commit();
    expect(upstream.calls).toBe(2);
    const session = await open();
    expect(await run(session)).toEqual(['one', 500, 'two']);
    await session.commit();
  });

  test('is met by the retries of the SDKs, without their waiting', async () => {
    await using stub = await startProviderStub();
    const messages = [{ role: 'user' as const, content: 'hi' }];
    for (const ask of [
      (fetch: typeof globalThis.fetch) =>
        new OpenAI({ apiKey: 'k', baseURL: stub.openaiUrl, fetch }).chat.completions.create({
          model: 'gpt-6-sol',
          messages,
        }),
      (fetch: typeof globalThis.fetch) =>
        new Anthropic({ apiKey: 'k', baseURL: stub.anthropicUrl, fetch }).messages.create({
          model: 'claude-opus-5-5',
          max_tokens: 99,
          messages,
        }),
    ]) {
      const { record, open } = lab();
      await record(({ fetch }) => ask(fetch), { fetch: globalThis.fetch });
      const session = await open();
      session.fault({ step: 1, status: 529, times: 2 });
      const startedAt = performance.now();
      await ask(session.fetch);
      // Each of the two would wait half a second.
      expect(performance.now() - startedAt).toBeLessThan(500);
      await session.commit();
    }
  });

  test.each([
    { step: 0, status: 500 },
    { step: 1, status: 200 },
    { step: 1, status: 500, times: 0 },
    { step: 1, cutAfterEvents: -1 },
  ])('%j is refused', async (fault) => {
    const session = await lab().open();
    expect(() => session.fault(fault)).toThrow(TypeError);
  });
});

describe('tools', () => {
  const toolsOf = (counts: { runs: number }) => ({
    search: async ({ city }: { city: string }) => {
      counts.runs += 1;
      return { city, run: counts.runs };
    },
    book: {
      description: 'books',
      execute: async (_input: object, _options?: object) => {
        counts.runs += 1;
        throw new RangeError('sold out');
      },
    },
    hosted: { type: 'provider-defined' },
  });
  async function use(tools: ReturnType<typeof toolsOf>) {
    const results = await Promise.all(['Oslo', 'Rome', 'Oslo'].map((city) => tools.search({ city })));
    const error = await tools.book.execute({}).catch((thrown: Error) => `${thrown.name}: ${thrown.message}`);
    return [results, error];
  }

  test('run for real unless they are recorded', async () => {
    const counts = { runs: 0 };
    const session = await lab().open({ fetch: noUpstream });
    const tools = toolsOf(counts);
    expect(session.tools(tools)).toBe(tools);
  });

  test('recorded, give the same results and errors without running', async () => {
    const { record, open } = lab();
    const counts = { runs: 0 };
    let expected: unknown;
    const run = async (session: Awaited<ReturnType<typeof open>>) => {
      await session.fetch(api, asking('hi'));
      return use(session.tools(toolsOf(counts)));
    };
    const tools = 'recorded' as const;
    await record(
      async (session) => {
        expected = await run(session);
      },
      { tools, fetch: upstreamOf(saying('x')) },
    );
    expect(counts.runs).toBe(4);
    const session = await open({ tools });
    expect(await run(session)).toEqual(expected);
    expect(counts.runs).toBe(4);
    expect(session.tools(toolsOf(counts)).hosted).toEqual({ type: 'provider-defined' });
    await session.commit();
  });

  test('recorded, a call that was not recorded fails the run', async () => {
    const { record, open } = lab();
    const tools = 'recorded' as const;
    await record(({ fetch, tools: wrap }) => Promise.all([fetch(api, asking('hi')), use(wrap(toolsOf({ runs: 0 })))]), {
      tools,
      fetch: upstreamOf(saying('x')),
    });
    const session = await open({ tools });
    await expect(session.tools(toolsOf({ runs: 0 })).search({ city: 'Bern' })).rejects.toThrow(
      /search\(\{"city":"Bern"\}\) was not recorded/,
    );
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS', kind: 'tool' });
  });

  test('recorded, a result that is no JSON is refused', async () => {
    const session = await lab().open({ tools: 'recorded', fetch: upstreamOf(saying('x')) });
    const { big } = session.tools({ big: (_input: object) => 10n });
    const error = await Promise.resolve(big({})).catch((thrown: unknown) => thrown);
    expect(ReplayError.isInstance(error) && error.code).toBe('ERR_REPLAY_TOOL_RESULT');
  });
});

describe('install', () => {
  test('replaces the global fetch until it is disposed of, and recording goes to the real one', async () => {
    const real = globalThis.fetch;
    onTestFinished(() => {
      globalThis.fetch = real;
    });
    globalThis.fetch = upstreamOf(saying('from the mock'));
    const mock = globalThis.fetch;
    const file = join(temporaryFolder(), 'run.json');
    {
      await using session = await openReplay({ file, environment: {} });
      using _installed = session.install();
      expect(globalThis.fetch).toBe(session.fetch);
      expect(await wordsOf(fetch(api, asking('hi')))).toBe('from the mock');
      await session.commit();
    }
    expect(globalThis.fetch).toBe(mock);
  });

  test('is refused while another session is open', async () => {
    const { open } = lab();
    const [one, two] = [await open(), await open()];
    expect(() => one.install()).toThrow(/ERR_REPLAY_CONCURRENT_INSTALL/);
    two.fail();
    await two[Symbol.asyncDispose]();
    using _installed = one.install();
  });
});

describe('FIXTURE_REPLAY_MAX_USD', () => {
  const environment = (run: string, limit: string) => {
    onTestFinished(() => rmSync(join(tmpdir(), 'fixture-replay', `${run}.spent`), { force: true }));
    return { FIXTURE_REPLAY_MAX_USD: limit, FIXTURE_REPLAY_RUN: run };
  };

  test('stops recording once the run, over all its sessions, has cost as much', async () => {
    const run = `test-${process.pid}-a`;
    const upstream = upstreamOf(saying('x'));
    let refused: unknown;
    for (let session = 0; session < 4 && refused === undefined; session++) {
      // One answer costs $0.00009.
      const { open, file } = lab();
      const opened = await open({ environment: environment(run, '0.00015'), fetch: upstream });
      await opened.fetch(api, asking('hi'));
      await opened.commit().catch((error: unknown) => {
        refused = error;
      });
      if (!refused) expect(readFileSync(file, 'utf8')).toContain('"costUsd": 0.00009');
    }
    expect(refused).toMatchObject({ code: 'ERR_REPLAY_BUDGET' });
    expect(upstream.calls).toBe(2);
  });

  test('stops after a call that cannot be priced', async () => {
    const session = await lab().open({
      environment: environment(`test-${process.pid}-b`, '1'),
      fetch: upstreamOf(saying('x', { model: 'mine' })),
    });
    expect((await session.fetch(api, asking('hi'))).status).toBe(200);
    expect((await session.fetch(api, asking('hi'))).status).toBe(400);
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_BUDGET' });
  });

  test('must be an amount', async () => {
    await expect(lab().open({ environment: { FIXTURE_REPLAY_MAX_USD: 'much' } })).rejects.toThrow(/must be an amount/);
  });
});
