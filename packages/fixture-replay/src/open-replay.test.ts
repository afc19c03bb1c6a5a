import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReplay, ReplayError } from './index.ts';
import { api, asking, lab, noUpstream, saying, upstreamOf, wordsOf } from './test-support.ts';

describe('modes', () => {
  test('auto records a run that has no fixture, and replays it after that without a call', async () => {
    const { open, file } = lab();
    const upstream = upstreamOf(saying('hello'));
    const first = await open({ fetch: upstream });
    expect(first.mode).toBe('record');
    expect(await wordsOf(first.fetch(api, asking('hi')))).toBe('hello');
    await first.commit();

    const second = await open();
    expect(second.mode).toBe('replay');
    expect(await wordsOf(second.fetch(api, asking('hi')))).toBe('hello');
    await second.commit();
    expect(upstream.calls).toBe(1);
    expect(existsSync(file)).toBe(true);
  });

  test('auto never adds to a fixture: a new request is a miss', async () => {
    const { record, open, text } = lab();
    await record(({ fetch }) => fetch(api, asking('hi')), { fetch: upstreamOf(saying('hello')) });
    const before = text();
    const session = await open();
    expect((await session.fetch(api, asking('something else'))).status).toBe(400);
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS' });
    expect(text()).toBe(before);
  });

  test('record replaces the whole fixture', async () => {
    const { record, text } = lab();
    await record(({ fetch }) => fetch(api, asking('hi')), { fetch: upstreamOf(saying('old')) });
    await record(({ fetch }) => fetch(api, asking('hi')), { fetch: upstreamOf(saying('new')) });
    expect(text()).toContain('new');
    expect(text()).not.toContain('old');
  });

  test('record removes the fixture of a run that calls nobody any more', async () => {
    const { record, file } = lab();
    await record(({ fetch }) => fetch(api, asking('hi')), { fetch: upstreamOf(saying('old')) });
    await record(async () => {}, {});
    expect(existsSync(file)).toBe(false);
  });

  test('live calls and writes nothing', async () => {
    const { open, file } = lab();
    const upstream = upstreamOf(saying('hello'));
    const session = await open({ mode: 'live', fetch: upstream });
    expect(await wordsOf(session.fetch(api, asking('hi')))).toBe('hello');
    await session.commit();
    expect(session.usage).toMatchObject({ steps: 1, inputTokens: 20, outputTokens: 5 });
    expect(existsSync(file)).toBe(false);
  });

  test.each(['auto', 'record', undefined] as const)(
    'where CI is set, mode %s makes no call and writes nothing',
    async (mode) => {
      const { open, file } = lab();
      const session = await open({ mode, environment: { CI: 'true' }, fetch: noUpstream });
      const response = await session.fetch(api, asking('hi'));
      expect(await response.json()).toMatchObject({ error: { code: 'ERR_REPLAY_NO_FIXTURE' } });
      await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_NO_FIXTURE' });
      expect(existsSync(file)).toBe(false);
    },
  );

  test('where CI is set, FIXTURE_REPLAY=record still records', async () => {
    const { open, file } = lab();
    const environment = { CI: 'true', FIXTURE_REPLAY: 'record' };
    const session = await open({ environment, fetch: upstreamOf(saying('hello')) });
    await session.fetch(api, asking('hi'));
    await session.commit();
    expect(existsSync(file)).toBe(true);
  });

  test('CI=false is no CI, and a mode that does not exist is refused', async () => {
    const { open } = lab();
    expect((await open({ environment: { CI: 'false' } })).mode).toBe('record');
    await expect(open({ environment: { FIXTURE_REPLAY: 'always' } })).rejects.toThrow(/FIXTURE_REPLAY is "always"/);
  });
});

describe('matching', () => {
  test('neither the order of fields nor headers count; the order of messages does', async () => {
    const { record, open } = lab();
    await record(({ fetch }) => fetch(api, asking('hi', { a: 1, b: { c: 2, d: [3] } })), {
      fetch: upstreamOf(saying('hello')),
    });
    const session = await open();
    const body = '{"b":{"d":[3],"c":2},"messages":[{"content":"hi","role":"user"}],"a":1,"model":"gpt-6-sol"}';
    expect(await wordsOf(session.fetch(api, { method: 'post', body, headers: { 'x-new': '1' } }))).toBe('hello');
    await session.commit();
  });

  test('equal requests are answered in the order of the recording, and once more is an error', async () => {
    const { record, open } = lab();
    const twice = async ({ fetch }: { fetch: typeof globalThis.fetch }) => [
      await wordsOf(fetch(api, asking('next?'))),
      await wordsOf(fetch(api, asking('next?'))),
    ];
    await record(twice, { fetch: upstreamOf(saying('one'), saying('two')) });
    const session = await open();
    expect(await twice(session)).toEqual(['one', 'two']);
    expect((await session.fetch(api, asking('next?'))).status).toBe(400);
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_EXHAUSTED', step: 3 });
  });

  test("repeat: 'last' gives the last answer again and again", async () => {
    const { record, open } = lab();
    await record(({ fetch }) => fetch(api, asking('ready?')), { fetch: upstreamOf(saying('yes')) });
    const session = await open({ repeat: 'last' });
    for (let round = 0; round < 3; round++) expect(await wordsOf(session.fetch(api, asking('ready?')))).toBe('yes');
    await session.commit();
  });

  test('different requests are answered in any order', async () => {
    const { record, open } = lab();
    const upstream: typeof fetch = async (_url, init) =>
      saying(`about ${JSON.parse(String(init?.body)).messages[0].content}`);
    await record(({ fetch }) => Promise.all(['a', 'b', 'c'].map((word) => fetch(api, asking(word)))), {
      fetch: upstream,
    });
    const session = await open();
    const words = await Promise.all(['c', 'a', 'b'].map((word) => wordsOf(session.fetch(api, asking(word)))));
    expect(words).toEqual(['about c', 'about a', 'about b']);
    expect(session.steps.map(({ text }) => text)).toEqual(['about a', 'about b', 'about c']);
    await session.commit();
  });

  test('integers that a JavaScript number cannot hold tell requests apart, and come back as they were', async () => {
    const { record, open } = lab();
    const exact = '{"id":12345678901234567890,"f":0.1234567890123456}';
    const init = (id: string) => ({ method: 'POST', body: `{"messages":[{"id":${id}}]}` });
    const upstream = async () => new Response(exact, { headers: { 'content-type': 'application/json' } });
    await record(({ fetch }) => fetch(api, init('12345678901234567890')), { fetch: upstream });
    const session = await open();
    expect((await session.fetch(api, init('12345678901234567891'))).status).toBe(400);
    expect(await (await session.fetch(api, init('12345678901234567890'))).text()).toBe(exact);
  });

  test('long numbers in texts are no reason to keep a body as text', async () => {
    const { record, text } = lab();
    const body = '{"messages":[{"role":"user","content":"card 4111111111111111, \\"5500000000000004\\""}]}';
    await record(({ fetch }) => fetch(api, { method: 'POST', body }), { fetch: upstreamOf(saying('x')) });
    expect(text()).toContain('"user    card 4111111111111111');
  });

  test('headers count when they are asked to', async () => {
    const { record, open } = lab();
    const headers = ['X-Variant'];
    await record(({ fetch }) => fetch(api, { ...asking('hi'), headers: { 'x-variant': 'a' } }), {
      fetch: upstreamOf(saying('x')),
      headers,
    });
    const session = await open({ headers });
    expect((await session.fetch(api, { ...asking('hi'), headers: { 'x-variant': 'b' } })).status).toBe(400);
    expect((await session.fetch(api, { ...asking('hi'), headers: { 'x-variant': 'a' } })).status).toBe(200);
  });

  test('bodies come as text, bytes, forms, streams and in a Request', async () => {
    const { record, open } = lab();
    const form = (): FormData => {
      const data = new FormData();
      data.append('model', 'whisper');
      data.append('file', new File([new Uint8Array([1, 2, 255])], 'a.wav', { type: 'audio/wav' }));
      return data;
    };
    const url = 'https://api.example.com/v1/audio';
    const calls: (() => [string | Request, RequestInit?])[] = [
      () => [url, { method: 'POST', body: form() }],
      () => [url, { method: 'POST', body: new Uint8Array([9, 200]) }],
      () => [url, { method: 'POST', body: new Blob(['{"a":1}']).stream(), duplex: 'half' } as RequestInit],
      () => [new Request(`${url}?b=2&a=1`, { method: 'PUT', body: 'plain' })],
      () => [`${url}/list`],
    ];
    let sent = 0;
    const upstream: typeof fetch = async () =>
      new Response(`answer ${sent++}`, { headers: { 'content-type': 'text/plain' } });
    await record(
      async ({ fetch }) => {
        for (const call of calls) await (await fetch(...call())).text();
      },
      { fetch: upstream },
    );
    const session = await open();
    for (const [index, call] of calls.entries())
      expect(await (await session.fetch(...call())).text()).toBe(`answer ${index}`);
    await session.commit();
  });

  test('what upstream gets is what the client sent, with a plain encoding asked for', async () => {
    const { open } = lab();
    const seen: Request[] = [];
    const upstream: typeof fetch = async (url, init) => {
      seen.push(new Request(url, init));
      return saying('x');
    };
    const session = await open({ fetch: upstream });
    await session.fetch(api, asking('hi'));
    await session.fetch(new Request(`${api}?key=1`, asking('hi')));
    expect(await Promise.all(seen.map((request) => request.text()))).toEqual([asking('hi').body, asking('hi').body]);
    expect(seen.map(({ url }) => url)).toEqual([api, `${api}?key=1`]);
    expect(seen.map(({ headers }) => [headers.get('authorization'), headers.get('accept-encoding')])).toEqual([
      ['Bearer sk-test', 'identity'],
      ['Bearer sk-test', 'identity'],
    ]);
  });
});

describe('the end of a run', () => {
  test('recorded steps that were not taken fail it, unless they may', async () => {
    const { record, open } = lab();
    await record(async ({ fetch }) => [await fetch(api, asking('a')), await fetch(api, asking('b'))], {
      fetch: upstreamOf(saying('x')),
    });
    const strict = await open();
    await strict.fetch(api, asking('a'));
    await expect(strict.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_UNUSED', step: 2 });
    const lenient = await open({ unused: 'ignore' });
    await lenient.fetch(api, asking('a'));
    await lenient.commit();
  });

  test('a run that failed is not recorded', async () => {
    const { open, file } = lab();
    const session = await open({ fetch: upstreamOf(saying('x')) });
    await session.fetch(api, asking('a'));
    session.fail();
    await session.commit();
    await session[Symbol.asyncDispose]();
    expect(existsSync(file)).toBe(false);
  });

  test('a miss that the code under test swallowed is thrown when the session ends, once', async () => {
    const { record, open } = lab();
    await record(({ fetch }) => fetch(api, asking('a')), { fetch: upstreamOf(saying('x')) });
    const session = await open();
    await session.fetch(api, asking('b')).then((response) => response.text());
    session.fail();
    await expect(session[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ERR_REPLAY_MISS' });
    await session[Symbol.asyncDispose]();
  });

  test('a recording that nobody committed is not saved, and a warning says so', async () => {
    const { open, file } = lab();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const session = await open({ fetch: upstreamOf(saying('x')) });
    await session.fetch(api, asking('a'));
    await session[Symbol.asyncDispose]();
    expect(await warned).toMatchObject({ code: 'FIXTURE_REPLAY_NOT_COMMITTED' });
    expect(existsSync(file)).toBe(false);
  });
});

describe('files', () => {
  test.each([
    ['{ "fixture": 1, "exchanges": [ <<<<<<<', 'merge conflict'],
    ['{"fixture":2,"exchanges":[]}', 'update fixture-replay'],
    [
      '{"fixture":1,"exchanges":[{"request":{"method":"GET","url":"nowhere"},"response":{"status":200}}]}',
      'exchange 1',
    ],
    [
      '{"fixture":1,"exchanges":[{"request":{"method":"GET","url":"http://h/","extends":{"exchange":3}},"response":{"status":200}}]}',
      'extends',
    ],
  ])('%s is refused with a reason', async (text, reason) => {
    const { file, open } = lab();
    writeFileSync(file, text);
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_REPLAY_FORMAT', file });
    expect(ReplayError.isInstance(error) && error.message).toContain(reason);
  });

  test('bytes too many for the fixture stand in a file beside it, and go when it changes', async () => {
    const { record, open, file } = lab();
    const bytes = (seed: number) => Uint8Array.from({ length: 40_000 }, (_, index) => (index * seed) % 256);
    const audio = (seed: number) => new Response(bytes(seed), { headers: { 'content-type': 'audio/mpeg' } });
    const url = 'https://api.example.com/v1/speech';
    for (const seed of [7, 11]) {
      await record(async ({ fetch }) => (await fetch(url)).arrayBuffer(), { fetch: upstreamOf(audio(seed)) });
    }
    const session = await open();
    expect(new Uint8Array(await (await session.fetch(url)).arrayBuffer())).toEqual(bytes(11));
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.bin'))).toHaveLength(1);
  });

  test('options that cannot be are refused', async () => {
    await expect(openReplay({ file: 'run.yaml' })).rejects.toThrow(/must name a .json file/);
    await expect(openReplay({ file: 'a.json', timing: { scale: -1 } })).rejects.toThrow(/timing/);
    await expect(openReplay({ file: 'a.json', chunking: { seed: 0.5 } })).rejects.toThrow(/seed/);
  });
});
