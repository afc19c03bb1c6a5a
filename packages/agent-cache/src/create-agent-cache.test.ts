import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AgentCache, createAgentCache } from './create-agent-cache.ts';
import type { AgentCacheOptions } from './options.ts';

let server: ProviderStub;
let dir: string;
const open: AgentCache[] = [];

beforeEach(async () => {
  server = await startProviderStub();
  dir = await mkdtemp(join(tmpdir(), 'agent-cache-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((cache) => cache.close()));
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

async function create(options: AgentCacheOptions = {}): Promise<AgentCache> {
  const cache = await createAgentCache({ dir, ...options });
  open.push(cache);
  return cache;
}

const question = (content: string) => ({ model: 'gpt-5-mini', messages: [{ role: 'user' as const, content }] });
const openai = (cache: AgentCache, apiKey = 'sk-one') =>
  new OpenAI({ baseURL: server.openaiUrl, apiKey, fetch: cache.fetch, maxRetries: 0 });

describe('createAgentCache', () => {
  test('answers the second call of both SDKs without the provider', async () => {
    const cache = await create();
    const anthropic = new Anthropic({ baseURL: server.anthropicUrl, apiKey: 'k', middleware: [cache.anthropic] });
    const message = { model: 'claude-haiku-4-5', max_tokens: 512, messages: question('a').messages };
    const first = [
      await openai(cache).chat.completions.create(question('a')),
      await anthropic.messages.create(message),
    ];
    const second = [
      await openai(cache).chat.completions.create(question('a')),
      await anthropic.messages.create(message),
    ];
    expect(second).toEqual(first);
    expect(server.requests).toHaveLength(2);
  });

  test('a new process finds what an earlier one stored', async () => {
    const one = await create();
    const first = await openai(one).chat.completions.create(question('a'));
    await one.close();
    const two = await create();
    expect(await openai(two).chat.completions.create(question('a'))).toEqual(first);
    expect(two.report().tiers.find(({ name }) => name === 'sqlite')?.hits).toBe(1);
  });

  test('what a short-lived process was answered is stored before its close() resolves, first call included', async () => {
    const program = `
      import { createAgentCache } from 'agent-cache';
      const cache = await createAgentCache({ dir: ${JSON.stringify(dir)} });
      const body = ${JSON.stringify(JSON.stringify(question('a')))};
      await (await cache.fetch('${server.openaiUrl}/chat/completions', { method: 'POST', body, headers: { authorization: 'Bearer k' } })).text();
      await cache.close();
    `;
    for (let round = 0; round < 2; round++) {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-'], { cwd: import.meta.dirname });
      child.stdin.end(program);
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(server.requests).toHaveLength(1);
    }
  });

  test('with dir: false nothing touches the disk', async () => {
    const cache = await create({ dir: false });
    await openai(cache).chat.completions.create(question('a'));
    await cache.close();
    expect(await readdir(dir)).toEqual([]);
  });

  test('AGENT_CACHE=off lets every call through and leaves no file', async () => {
    vi.stubEnv('AGENT_CACHE', 'off');
    const cache = await create();
    await openai(cache).chat.completions.create(question('a'));
    await openai(cache).chat.completions.create(question('a'));
    expect(server.requests).toHaveLength(2);
    expect(cache.report().upstream.calls).toBe(2);
    expect(await readdir(dir)).toEqual([]);
  });

  test('invalidate({ model }) forgets the answers of that model only', async () => {
    const cache = await create();
    const ask = (model: string) => openai(cache).chat.completions.create({ ...question('a'), model });
    await ask('gpt-5-mini');
    await ask('gpt-4.1');
    expect(await cache.invalidate({ model: 'gpt-5-mini', reason: 'test' })).toBe('done');
    await ask('gpt-5-mini');
    await ask('gpt-4.1');
    expect(server.requests).toHaveLength(3);
  });

  test('two namespaces in one folder share nothing', async () => {
    const [one, two] = [await create({ namespace: 'app' }), await create({ namespace: 'app:prod' })];
    await openai(one).chat.completions.create(question('a'));
    await openai(two).chat.completions.create(question('a'));
    expect(server.requests).toHaveLength(2);
  });

  test('report() counts calls, upstream calls, tokens and dollars', async () => {
    const cache = await create();
    for (const content of ['a', 'b', 'a']) await openai(cache).chat.completions.create(question(content));
    await cache.flush();
    const report = cache.report();
    const totals = server.totals();
    expect(report.requests).toBe(3);
    expect(report.upstream).toMatchObject({
      calls: 2,
      inputTokens: totals.inputTokens,
      outputTokens: totals.outputTokens,
    });
    expect(report.money.spentPicoUsd).toBe(totals.picoUsd);
  });

  test('memoryBytes bounds the memory: what does not fit is answered by the file', async () => {
    const cache = await create({ memoryBytes: 2_000 });
    for (const content of ['a', 'b', 'c', 'a']) {
      await openai(cache).chat.completions.create(question(content));
      await cache.flush();
    }
    expect(server.requests).toHaveLength(3);
    expect(cache.report().tiers.find(({ name }) => name === 'sqlite')?.hits).toBe(1);
  });

  test('llm options reach the model cache: two keys share when the owner says so', async () => {
    const cache = await create({ llm: { shareAcrossCredentials: true } });
    await openai(cache, 'sk-one').chat.completions.create(question('a'));
    await openai(cache, 'sk-two').chat.completions.create(question('a'));
    expect(server.requests).toHaveLength(1);
  });

  test('ttlMs: 0 stores nothing', async () => {
    const cache = await create({ ttlMs: 0 });
    await openai(cache).chat.completions.create(question('a'));
    await openai(cache).chat.completions.create(question('a'));
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ['an empty dir', { dir: ' ' }, /dir/],
    ['a negative ttlMs', { ttlMs: -1 }, /ttlMs/],
    ['a fileBytes below the least', { fileBytes: 10 }, /maxBytes/],
    ['an empty namespace', { namespace: '' }, /namespace/],
  ])('%s is refused by name', async (_, options, message) => {
    await expect(createAgentCache({ dir, ...options })).rejects.toThrow(message);
  });
});
