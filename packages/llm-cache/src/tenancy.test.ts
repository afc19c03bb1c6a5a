import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCache, type Records } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLlmCache } from './create-llm-cache.ts';
import { listen, listenForTrouble } from './test-events.ts';
import { clientsOf, createWorld, type World } from './test-world.ts';

const body = { model: 'gpt-6-sol', messages: [{ role: 'user' as const, content: 'What does a card cost?' }] };
let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stub.close());

const askAs = (apiKey: string, tenant?: string) =>
  clientsOf(world.stub, world.llm, apiKey).openai.chat.completions.create(
    body,
    tenant === undefined ? {} : { headers: { 'x-agent-cache-tenant': tenant } },
  );

async function worldWith(llm: Parameters<typeof createWorld>[0]): Promise<void> {
  await world.stub.close();
  world = await createWorld(llm);
}

test('two API keys never share an entry', async () => {
  await askAs('sk-one');
  await askAs('sk-two');
  expect(world.calls()).toBe(2);
  await askAs('sk-one');
  await askAs('sk-two');
  expect(world.calls()).toBe(2);
});

test('nor do they join each other', async () => {
  await Promise.all([askAs('sk-one'), askAs('sk-two')]);
  expect(world.calls()).toBe(2);
});

test('shareAcrossCredentials makes them share', async () => {
  await worldWith({ llm: { shareAcrossCredentials: true, secret: undefined as never } });
  expect(await askAs('sk-two')).toEqual(await askAs('sk-one'));
  expect(world.calls()).toBe(1);
});

describe('among callers who share across credentials', () => {
  const asks: Record<string, (apiKey: string) => Promise<unknown>> = {
    'chat completions': (apiKey) => askAs(apiKey),
    embeddings: (apiKey) =>
      clientsOf(world.stub, world.llm, apiKey).openai.embeddings.create({
        model: 'text-embedding-3-small',
        input: 'a',
      }),
  };
  test.each(Object.entries(asks))('a bad key fails only those who have it: %s', async (_name, ask) => {
    await worldWith({ stub: { keys: ['sk-good'] }, llm: { shareAcrossCredentials: true, secret: undefined as never } });
    const keys = ['sk-bad', 'sk-good', 'sk-bad', 'sk-good', 'sk-good'];
    const settled = await Promise.allSettled(keys.map(ask));
    expect(settled.map(({ status }) => status)).toEqual(
      keys.map((key) => (key === 'sk-good' ? 'fulfilled' : 'rejected')),
    );
    expect(world.calls()).toBe(2);
  });

  test('nobody sees the URL of another, which may hold a key', async () => {
    await worldWith({ llm: { shareAcrossCredentials: true, secret: undefined as never } });
    const ask = (apiKey: string) =>
      world.llm.fetch(`${world.stub.geminiUrl}/v1beta/models/gemini-3-pro:generateContent?key=${apiKey}`, {
        method: 'POST',
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
      });
    const responses = await Promise.all([ask('one'), ask('two')]);
    await Promise.all(responses.map((response) => response.text()));
    responses.push(await ask('three'));
    expect(responses.map(({ url }) => new URL(url).searchParams.get('key'))).toEqual(['one', 'two', 'three']);
    expect(world.calls()).toBe(1);
  });
});

test('a tenant header separates, whatever characters it has', async () => {
  const tenants = [
    'acme',
    'Acme',
    'acme:llm',
    'a%3Acme',
    'ac1:default::llm:',
    '../../etc',
    'é',
    '*',
    '@tenant:acme',
    'a, b',
    '"',
  ];
  for (const tenant of tenants) await askAs('sk-one', tenant);
  expect(world.calls()).toBe(tenants.length);
  for (const tenant of tenants) await askAs('sk-one', tenant);
  expect(world.calls()).toBe(tenants.length);
  await askAs('sk-one');
  expect(world.calls()).toBe(tenants.length + 1);
});

test('a tenant header never joins what credentials keep apart, even when it names the digest of one', async () => {
  const lookups = listen('lookup');
  await askAs('sk-one');
  const digest = lookups[0]?.tenant as string;
  expect(digest).toMatch(/^[0-9a-f]{32}$/);
  await askAs('sk-two', digest);
  await askAs('sk-two', 'acme');
  await askAs('sk-one', 'acme');
  expect(world.calls()).toBe(4);
});

test('tenantOf decides in place of the credential', async () => {
  await worldWith({ llm: { tenantOf: ({ headers }) => headers.get('openai-organization') ?? 'nobody' } });
  await askAs('sk-one');
  await askAs('sk-two');
  expect(world.calls()).toBe(1);
});

test('a tenantOf that throws costs the cache and not the call', async () => {
  await worldWith({
    llm: {
      tenantOf: () => {
        throw new Error('no such tenant');
      },
    },
  });
  const troubles = listenForTrouble();
  await askAs('sk-one');
  await askAs('sk-one');
  expect(world.calls()).toBe(2);
  expect(troubles()).toEqual(['ERR_LLM_CACHE_UNKEYABLE', 'ERR_LLM_CACHE_UNKEYABLE']);
});

test('requests without a credential share the tenant "anonymous"', async () => {
  const lookups = listen('lookup');
  const upstream = async (): Promise<Response> => Response.json({ choices: [{ finish_reason: 'stop', message: {} }] });
  const llm = createLlmCache({ cache: createCache({ tiers: [lruMem()] }), upstream });
  await llm.fetch('http://localhost:11434/v1/chat/completions', { method: 'POST', body: JSON.stringify(body) });
  expect(lookups[0]?.tenant).toBe('anonymous');
});

describe('no API key, nor a plain hash of it', () => {
  const apiKey = 'sk-live-4f9d8a7b6c5e4d3c2b1a';
  const forms = [
    apiKey,
    ...['sha256', 'sha1', 'md5', 'sha512'].flatMap((algorithm) =>
      [apiKey, `Bearer ${apiKey}`, JSON.stringify([['authorization', `Bearer ${apiKey}`]])].flatMap((text) =>
        (['hex', 'base64', 'base64url'] as const).map((form) =>
          createHash(algorithm).update(text).digest(form).slice(0, 16),
        ),
      ),
    ),
  ];

  test('is found in keys, entries, events or the sqlite file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'llm-cache-')), 'cache.db');
    const events = (['lookup', 'store', 'invalidate', 'upstream', 'error'] as const).map(listen);
    const cache = createCache({ tiers: [lruMem(), sqliteTier({ file })] });
    await worldWith({ llm: { cache, secret: undefined as never } });
    await askAs(apiKey);
    await askAs(apiKey, 'acme');
    world.stub.fault({ kind: 'status', status: 401, message: 'Incorrect API key' });
    await askAs(apiKey, 'refused').catch(() => undefined);
    world.stub.fault({ kind: 'refuse' });
    await askAs(apiKey, 'broken').catch(() => undefined);
    await clientsOf(world.stub, world.llm, apiKey).openai.chat.completions.create(body, {
      headers: { 'x-agent-cache-ttl-ms': 'abc' },
    });
    await world.llm.invalidate({ model: 'gpt-6-sol' });
    await cache.close();
    const directory = join(file, '..');
    const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)).toString('latin1'));
    const told = JSON.stringify(events, (_name, value: unknown) =>
      value instanceof Error
        ? [value.message, value.stack, value.cause]
        : typeof value === 'bigint'
          ? `${value}`
          : value,
    );
    expect(events.flat().length).toBeGreaterThan(10);
    expect(files.join('').length).toBeGreaterThan(1_000);
    for (const form of forms) {
      expect(told).not.toContain(form);
      for (const content of files) expect(content).not.toContain(form);
    }
  });
});

describe('the secret that credentials are digested with', () => {
  const tenantWith = async (options: { readonly records?: Records; readonly secret?: string }): Promise<string> => {
    const lookups = listen('lookup');
    const upstream = async (): Promise<Response> => Response.json({});
    const llm = createLlmCache({ cache: createCache({ tiers: [lruMem()] }), upstream, ...options });
    const headers = { authorization: 'Bearer sk-one' };
    await llm.fetch('http://localhost/v1/chat/completions', { method: 'POST', headers, body: JSON.stringify(body) });
    return lookups[0]?.tenant as string;
  };

  test('is made once and kept in the records, for every process that shares them', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'llm-cache-')), 'cache.db');
    const tier = sqliteTier({ file });
    const tenants = await Promise.all([tenantWith({ records: tier.records }), tenantWith({ records: tier.records })]);
    expect(new Set([...tenants, await tenantWith({ records: tier.records })]).size).toBe(1);
    await tier.close();
  });

  test('is another in every process that shares nothing', async () => {
    expect(await tenantWith({})).not.toBe(await tenantWith({}));
  });

  test('can be given, by option or in the environment', async () => {
    const given = await tenantWith({ secret: 'pepper' });
    process.env.AGENT_CACHE_SECRET = 'pepper';
    try {
      expect(await tenantWith({})).toBe(given);
    } finally {
      delete process.env.AGENT_CACHE_SECRET;
    }
  });

  test('is made for this process alone when the records fail, and that is told', async () => {
    const troubles = listenForTrouble();
    const failing = () => Promise.reject(new Error('disk full'));
    const records: Records = { read: failing, write: failing, drop: failing, list: failing };
    expect(await tenantWith({ records })).toMatch(/^[0-9a-f]{32}$/);
    expect(troubles()).toEqual(['ERR_LLM_CACHE_SECRET']);
  });
});
