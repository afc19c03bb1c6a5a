import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './redact.ts';
import { api, lab, saying } from './test-support.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const letters = (length: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((list) => list.join(''));
const capitals = (length: number) => letters(length).map((text) => text.toUpperCase());

/** Secrets that say by their shape what they are. */
const shaped = fc.oneof(
  letters(40).map((text) => `sk-proj-${text}`),
  letters(40).map((text) => `sk-ant-api03-${text}`),
  capitals(16).map((text) => `AKIA${text}`),
  letters(36).map((text) => `ghp_${text}`),
  letters(35).map((text) => `AIza${text}`),
  letters(36).map((text) => `hf_${text}`),
  letters(20).map((text) => `xoxb-${text}`),
  fc.tuple(letters(20), letters(30), letters(20)).map(([head, body, mark]) => `eyJ${head}.eyJ${body}.${mark}`),
  letters(64).map((text) => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`),
);

/** Any other secret: known from the environment, or from the header of a request. */
const opaque = fc
  .string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' })
  .filter((text) => text.trim().length >= 8 && text === text.trim());

/** A text that holds a secret, as it is or encoded. */
const hidings: readonly ((secret: string) => string)[] = [
  (secret) => `the key is ${secret}, keep it`,
  (secret) => JSON.stringify({ note: secret }),
  (secret) => JSON.stringify({ nested: JSON.stringify({ note: `a ${secret} b` }) }),
  (secret) => `https://h/?q=${encodeURIComponent(secret)}&b=1`,
  (secret) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
  (secret) => Buffer.from(`xx${secret}`).toString('base64url'),
];

function spells(text: string, secret: string): boolean {
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  const decoded = [...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)].flatMap(([run]) =>
    [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString('latin1')),
  );
  return forms.some((form) => text.includes(form)) || decoded.some((plain) => plain.includes(secret));
}

describe('a planted secret', () => {
  test('is taken out of any text, whatever stands around it', () => {
    fc.assert(
      fc.property(shaped, fc.constantFrom(...hidings), (secret, hide) => {
        const redactor = createRedactor({}, {});
        expect(spells(redactor.text(hide(secret)), secret)).toBe(false);
      }),
    );
  });

  test('without a shape is known by the environment, and taken out encoded too', () => {
    fc.assert(
      fc.property(opaque, fc.constantFrom(...hidings), (secret, hide) => {
        const redactor = createRedactor({}, { MY_SERVICE_TOKEN: secret, HOME: '/home/somebody' });
        expect(spells(redactor.text(hide(secret)), secret)).toBe(false);
      }),
    );
  });

  test('redacting again changes nothing, and finds nothing', () => {
    fc.assert(
      fc.property(shaped, fc.constantFrom(...hidings), fc.string(), (secret, hide, around) => {
        const redactor = createRedactor({}, {});
        const once = redactor.text(around + hide(secret));
        expect(redactor.text(once)).toBe(once);
        expect(redactor.finds(once)).toBe(false);
      }),
    );
  });
});

/** Where a secret may be in a call: what is asked, what is answered, and how. */
const places: Readonly<
  Record<string, (secret: string) => readonly [url: string, init: RequestInit, answer: () => Response]>
> = {
  header: (secret) => [
    api,
    { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: '{}' },
    () => saying('ok'),
  ],
  'header that is echoed': (secret) => [
    api,
    { method: 'POST', headers: { 'x-api-key': secret }, body: '{}' },
    () => saying(`Wrong key: ${secret}`),
  ],
  query: (secret) => [
    `${api}?key=${encodeURIComponent(secret)}&a=1`,
    { method: 'POST', body: '{}' },
    () => saying('ok'),
  ],
  'user of the URL': () => [
    api.replace('https://', 'https://user:pass-word-1234@'),
    { method: 'POST', body: '{}' },
    () => saying('ok'),
  ],
  'field of the body': (secret) => [
    api,
    { method: 'POST', body: JSON.stringify({ api_key: secret, a: { password: [secret] } }) },
    () => saying('ok'),
  ],
  'text of the body': (secret) => [
    api,
    { method: 'POST', body: JSON.stringify({ messages: [{ content: `use ${secret}` }] }) },
    () => saying('ok'),
  ],
  'arguments of a tool': (secret) => [
    api,
    {
      method: 'POST',
      body: JSON.stringify({ messages: [{ tool_calls: [{ arguments: JSON.stringify({ password: secret }) }] }] }),
    },
    () => saying('ok'),
  ],
  answer: (secret) => [api, { method: 'POST', body: '{}' }, () => saying(`it is ${secret}`)],
  'answer in base64': (secret) => [
    api,
    { method: 'POST', body: '{}' },
    () => saying(Buffer.from(`key=${secret}`).toString('base64')),
  ],
  'header of the answer': (secret) => [
    api,
    { method: 'POST', body: '{}' },
    () =>
      Response.json(
        {},
        { headers: { 'set-cookie': `session=${secret}`, 'x-request-id': secret, 'retry-after': secret } },
      ),
  ],
  'event of a stream': (secret) => [
    api,
    { method: 'POST', body: '{}' },
    () =>
      new Response(`data: ${JSON.stringify({ choices: [{ delta: { content: secret } }] })}\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      }),
  ],
  'text that is no JSON': (secret) => [
    api,
    { method: 'POST', body: `plain ${secret}` },
    () => new Response(`<p>${secret}</p>`),
  ],
};

describe('no secret reaches the disk', () => {
  test.each(Object.entries(places))('%s', async (_place, call) => {
    await fc.assert(
      fc.asyncProperty(
        shaped.filter((secret) => !secret.includes('\n')),
        async (secret) => {
          const { record, text } = lab();
          const [url, init, answer] = call(secret);
          await record(async ({ fetch }) => (await fetch(url, init)).text(), { fetch: async () => answer() });
          expect(spells(text(), secret)).toBe(false);
          expect(text()).not.toContain('pass-word-1234');
        },
      ),
      { numRuns: 10 },
    );
  });

  test('of the environment', async () => {
    await fc.assert(
      fc.asyncProperty(opaque, async (secret) => {
        const { record, text } = lab();
        const environment = { DATABASE_PASSWORD: secret };
        const init = { method: 'POST', body: JSON.stringify({ messages: [{ content: `connect with ${secret}` }] }) };
        await record(async ({ fetch }) => (await fetch(api, init)).text(), {
          environment,
          fetch: async () => saying(`I used ${secret}`),
        });
        expect(spells(text(), secret)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test('nor the report of a miss', async () => {
    const { record, open } = lab();
    const environment = { SERVICE_PASSWORD: 'swordfish-77' };
    const body = (text: string) => ({
      method: 'POST',
      body: JSON.stringify({ messages: [{ role: 'user', content: text }] }),
    });
    await record(({ fetch }) => fetch(api, body('hello')), { environment, fetch: async () => saying('x') });
    const session = await open({ environment });
    await session.fetch(
      `${api}?key=swordfish-77`,
      body('my password is swordfish-77, my key sk-abcdefghijklmnopqrstuvwxyz'),
    );
    const { message } = (await session.commit().catch((error: Error) => error)) as Error;
    expect(message).toContain('my password is [redacted], my key [redacted]');
    expect(message).not.toMatch(/swordfish|sk-abc/);
  });

  test('the caller still gets what the provider said', async () => {
    const { open } = lab();
    const secret = 'sk-abcdefghijklmnopqrstuvwxyz';
    const session = await open({ fetch: async () => saying(`it is ${secret}`) });
    expect(await (await session.fetch(api, { method: 'POST', body: '{}' })).text()).toContain(secret);
  });

  test('a recording is replayed by a run with another key, or none', async () => {
    const { record, open } = lab();
    const init = (key: string) => ({
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ api_key: key, messages: [{ content: 'hi' }] }),
    });
    await record(({ fetch }) => fetch(`${api}?key=a`, init('sk-abcdefghijklmnopqrstuvwxyz')), {
      fetch: async () => saying('x'),
    });
    const session = await open();
    expect((await session.fetch(`${api}?key=b`, init('none'))).status).toBe(200);
  });

  test('additions: fields, values and patterns of your own', async () => {
    const { record, text } = lab();
    const redact = { fields: ['iban'], values: ['Hans Muster'], patterns: [/\bCH\d{19}\b/] };
    const body = JSON.stringify({
      iban: 'DE00',
      arguments: '{"iban":"DE01"}',
      a: 'for Hans Muster',
      b: 'CH9300762011623852957',
    });
    await record(({ fetch }) => fetch(api, { method: 'POST', body }), { redact, fetch: async () => saying('x') });
    for (const secret of ['DE00', 'DE01', 'Muster', 'CH93']) expect(text()).not.toContain(secret);
  });

  test('a schema that has a field named password keeps it', () => {
    const schema = { properties: { password: { type: 'string' } } };
    expect(createRedactor({}, {}).value(schema)).toBe(schema);
  });
});

describe('a secret that is spread over events', () => {
  const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
  const chat = (content: string, index = 0) =>
    `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;
  const tool = (text: string, index: number) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }] })}\n\n`;
  const anthropic = (text: string) =>
    `event: d\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { text } })}\n\n`;
  const responses = (delta: string, id: string) =>
    `data: ${JSON.stringify({ type: 'response.output_text.delta', item_id: id, delta })}\n\n`;
  const streams: Readonly<Record<string, string>> = {
    chat: chat('my key is sk-pr') + chat(secret.slice(5, 20)) + chat(secret.slice(20)),
    'chat, one character at a time': [...secret].map((character) => chat(character)).join(''),
    'chat, two choices in turn': [...secret].map((character) => chat(character) + chat('.', 1)).join(''),
    'arguments of two tools in turn': [...'{"password":"hunter2"}']
      .map((character) => tool(character, 0) + tool('x', 1))
      .join(''),
    'responses, two items in turn': [...secret]
      .map((character) => responses(character, 'a') + responses('-', 'b'))
      .join(''),
    anthropic: anthropic('sk-proj-abcdefgh') + anthropic('ijklmnopqrstuvwxyz'),
    'unknown events': [...secret].map((character) => `data: ${character}\n\n`).join(''),
  };
  test.each(Object.entries(streams))('refuses the write: %s', async (_name, stream) => {
    const { open, file } = lab();
    const session = await open({
      fetch: async () => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }),
    });
    await (await session.fetch(api, { method: 'POST', body: '{}' })).text();
    const error = await session.commit().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_REPLAY_SECRET' });
    expect(String(error)).not.toContain(secret);
    expect(existsSync(file)).toBe(false);
  });

  test('a secret in bytes refuses the write', async () => {
    const { open, file } = lab();
    const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from(secret)]);
    const session = await open({
      fetch: async () => new Response(bytes, { headers: { 'content-type': 'audio/mpeg' } }),
    });
    await (await session.fetch(api, { method: 'POST', body: '{}' })).arrayBuffer();
    await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_REPLAY_SECRET' });
    expect(existsSync(file)).toBe(false);
  });
});
