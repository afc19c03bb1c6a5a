import { memoryAnswerIndex, testClock } from '@agent-cache/core-tier/testing';
import { expect, test, vi } from 'vitest';
import { cachedAgent } from './cached-agent.ts';

const clock = testClock();
const options = () => ({ index: memoryAnswerIndex({ now: clock.now }), scope: 'support/en', now: clock.now });

test('a run whose question was asked before gives the stored result', async () => {
  const run = vi.fn(async (question: string) => ({ answer: `about ${question}` }));
  const agent = cachedAgent(run, options());
  expect(await agent('where is my order')).toEqual({ answer: 'about where is my order' });
  expect(await agent('Where is my order?')).toEqual({ answer: 'about where is my order' });
  expect(run).toHaveBeenCalledTimes(1);
});

test('concurrent runs of one question are one run', async () => {
  const gate = Promise.withResolvers<string>();
  const run = vi.fn(() => gate.promise);
  const agent = cachedAgent(run, options());
  const all = Array.from({ length: 1_000 }, () => agent('where is my order'));
  gate.resolve('in the post');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['in the post']));
  expect(run).toHaveBeenCalledTimes(1);
});

test('a failure reaches its callers and is not kept', async () => {
  const run = vi
    .fn<(question: string) => Promise<string>>()
    .mockRejectedValueOnce(new Error('no'))
    .mockResolvedValue('yes');
  const agent = cachedAgent(run, options());
  const [one, two] = await Promise.allSettled([agent('where is my order'), agent('where is my order')]);
  expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
  expect(await agent('where is my order')).toBe('yes');
});

test('a run that throws before it returns a promise rejects', async () => {
  const agent = cachedAgent((): Promise<string> => {
    throw new Error('at once');
  }, options());
  await expect(agent('where is my order')).rejects.toThrow('at once');
});

test('other arguments are part of the scope; without a JSON form nothing is cached', async () => {
  const run = vi.fn(async (_question: string, more: unknown) => more);
  const agent = cachedAgent(run, options());
  await agent('where is my order', { locale: 'en' });
  await agent('where is my order', { locale: 'fr' });
  await agent('where is my order', { locale: 'en' });
  expect(run).toHaveBeenCalledTimes(2);
  await agent('where is my order', () => 1);
  await agent('where is my order', () => 1);
  expect(run).toHaveBeenCalledTimes(4);
});

test('tenants and scopes made of the arguments keep results apart', async () => {
  const run = vi.fn(async (_question: string, user: string, _stop: () => void) => user);
  const agent = cachedAgent(run, { ...options(), scope: () => 'support', tenant: (user) => user });
  expect(await agent('where is my order', 'ann', () => undefined)).toBe('ann');
  expect(await agent('where is my order', 'bob', () => undefined)).toBe('bob');
  expect(await agent('where is my order', 'ann', () => undefined)).toBe('ann');
  expect(run).toHaveBeenCalledTimes(2);
});

test('a result lives for ttlMs, and dies with its tags', async () => {
  const run = vi.fn(async () => 'in the post');
  const { index, ...rest } = options();
  const agent = cachedAgent(run, { ...rest, index, ttlMs: 1_000, tags: () => ['orders'] });
  const ask = async () => {
    await agent('where is my order');
    // The result is given before it is stored.
    await new Promise(setImmediate);
  };
  await ask();
  await index.invalidate({ tags: ['orders'] });
  await ask();
  await ask();
  clock.advance(1_000);
  await agent('where is my order');
  expect(run).toHaveBeenCalledTimes(3);
});

test('an index that fails costs nothing but the run', async () => {
  const broken = { find: () => Promise.reject(new Error('no')), learn: () => Promise.reject(new Error('no')) };
  const agent = cachedAgent(async () => 'in the post', { index: broken, scope: 'support' });
  expect(await agent('where is my order')).toBe('in the post');
});
