import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheKey } from '@agent-cache/core-key';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import Keyv from 'keyv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { effort } from './library.ts';
import { createResearcher, type Researcher } from './research.ts';

const question = 'How long should a cached value live?';
let server: ProviderStub;
let folder: string;
let store: Keyv;
const open = (): Promise<Researcher> =>
  createResearcher({ file: join(folder, 'cache.sqlite'), openaiUrl: server.openaiUrl, apiKey: 'sk-test', store });

beforeEach(async () => {
  server = await startProviderStub();
  folder = await mkdtemp(join(tmpdir(), 'research-'));
  store = new Keyv();
  Object.assign(effort, { searches: 0, downloads: 0 });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('the same question searches, downloads and embeds once', async () => {
  const researcher = await open();
  const first = await researcher.research(question);
  const spent = { ...effort, calls: server.requests.length };
  expect(await researcher.research(question)).toEqual(first);
  expect({ ...effort, calls: server.requests.length }).toEqual(spent);
  expect(first.length).toBeGreaterThan(0);
  await researcher.close();
});

test('after a restart the file answers', async () => {
  const one = await open();
  const first = await one.research(question);
  await one.close();
  const spent = { ...effort, calls: server.requests.length };
  const two = await open();
  expect(await two.research(question)).toEqual(first);
  expect({ ...effort, calls: server.requests.length }).toEqual(spent);
  await two.close();
});

test('every tier holds what was found, the Keyv store included', async () => {
  const researcher = await open();
  await researcher.research(question);
  await researcher.cache.flush();
  const key = cacheKey({ namespace: 'research', kind: 'search', identity: { query: question } });
  for (const name of ['memory', 'sqlite', 'keyv']) {
    expect(await researcher.cache.tier(name)?.get(key), name).toMatchObject({ value: ['library:/ttl'] });
  }
  await researcher.close();
});

test('a source that changed is downloaded anew, and nothing else is', async () => {
  const researcher = await open();
  const [best] = await researcher.research(question);
  const { downloads } = effort;
  await researcher.sourceChanged(best?.document.url ?? '');
  await researcher.research(question);
  expect(effort.downloads).toBe(downloads + 1);
  await researcher.close();
});
