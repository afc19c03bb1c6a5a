import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProviderStub, startProviderStub } from '@agent-cache/provider-stub';
import Keyv from 'keyv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { effort } from './library.ts';
import { createResearcher, type Researcher } from './research.ts';

const question = 'How long should a cached value live?';
let server: ProviderStub;
let folder: string;
let store: Keyv;
const open = (file = 'cache.sqlite'): Researcher =>
  createResearcher({ file: join(folder, file), openaiUrl: server.openaiUrl, apiKey: 'sk-test', store });

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
  const researcher = open();
  const first = await researcher.research(question);
  const spent = { ...effort, calls: server.requests.length };
  expect(await researcher.research(question)).toEqual(first);
  expect({ ...effort, calls: server.requests.length }).toEqual(spent);
  expect(first.length).toBeGreaterThan(0);
  await researcher.close();
});

test('after a restart the file answers', async () => {
  const one = open();
  const first = await one.research(question);
  await one.close();
  const spent = { ...effort, calls: server.requests.length };
  const two = open();
  expect(await two.research(question)).toEqual(first);
  expect({ ...effort, calls: server.requests.length }).toEqual(spent);
  await two.close();
});

test('with a new file the Keyv store still answers untagged searches', async () => {
  const one = open();
  await one.research(question);
  await one.cache.flush();
  expect(await (store as Keyv).store).toBeDefined();
  await one.close();
});

test('a source that changed is downloaded anew, and nothing else is', async () => {
  const researcher = open();
  const [best] = await researcher.research(question);
  const { downloads } = effort;
  await researcher.sourceChanged(best?.document.url ?? '');
  await researcher.research(question);
  expect(effort.downloads).toBe(downloads + 1);
  await researcher.close();
});
