import { randomUUID } from 'node:crypto';
import { channels, type Message } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import type { Embedder } from '../embedder.ts';
import { messageHistory, type PostgresMessageHistory } from './message-history.ts';
import type { MessageHistoryOptions } from './options.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** Meanings by hand: pets, money, and what is neither. */
const meanings: readonly (readonly string[])[] = [['cat', 'kitten', 'feline'], ['price', 'cost', 'fee'], []];

function vectorOf(text: string): Float32Array {
  return Float32Array.from(meanings, (words) => 0.1 + words.filter((word) => text.toLowerCase().includes(word)).length);
}

function embedderOf(embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>, id = 'meanings'): Embedder {
  return { id, dimensions: 3, embed };
}

const meaning = embedderOf(async (texts) => texts.map(vectorOf));

function open(options: Partial<MessageHistoryOptions> = {}): PostgresMessageHistory {
  const history = messageHistory({ db, embed: meaning, tenant: randomUUID(), ...options });
  onTestFinished(() => history.close());
  return history;
}

function message(id: string, content: unknown, more: Partial<Message> = {}): Message {
  return { id, role: 'user', content, at: 1_000, ...more };
}

test('append() resolves with the places, and last() has the newest in order', async () => {
  const history = open();
  expect(await history.append('t', [message('a', 'one'), message('b', 'two')])).toEqual([0, 1]);
  expect(await history.append('t', [message('c', { parts: [new Uint8Array([1])] })])).toEqual([2]);
  expect(await history.last('t', 2)).toEqual([message('b', 'two'), message('c', { parts: [new Uint8Array([1])] })]);
  expect(await history.last('t', 9)).toHaveLength(3);
  expect(await history.last('other', 9)).toEqual([]);
});

test('a message that is appended again keeps its place and is there once', async () => {
  const history = open();
  await history.append('t', [message('a', 'one'), message('b', 'two')]);
  expect(await history.append('t', [message('b', 'two'), message('c', 'three')])).toEqual([1, 2]);
  expect((await history.last('t', 9)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('concurrent appends to one thread lose nothing and share no place', async () => {
  const history = open();
  const places = await Promise.all(
    Array.from({ length: 30 }, (_, n) => history.append('t', [message(`m${n}`, 'text')])),
  );
  expect(places.flat().sort((one, two) => one - two)).toEqual(Array.from({ length: 30 }, (_, n) => n));
});

test('search() finds by meaning what shares no word, and by words what shares no meaning', async () => {
  const history = open();
  await history.append('t', [
    message('kitten', 'Our kitten sleeps all day'),
    message('order', 'The order number is XK-4471'),
    message('fee', 'There is a fee of ten euros'),
  ]);
  await history.embedded();
  expect((await history.search('t', 'a feline', { limit: 1 })).map(({ id }) => id)).toEqual(['kitten']);
  expect((await history.search('t', 'XK-4471', { limit: 1 })).map(({ id }) => id)).toEqual(['order']);
});

test('language says which words count and how they end', async () => {
  const failing = embedderOf(() => Promise.reject(new Error('none')));
  const found = async (language: string, question: string): Promise<number> => {
    const history = open({ language, embed: failing });
    await history.append('t', [message('a', 'The invoices were sent')]);
    return (await history.search('t', question, { limit: 1 })).length;
  };
  expect([await found('english', 'invoice'), await found('english', 'the')]).toEqual([1, 0]);
  expect([await found('simple', 'invoice'), await found('simple', 'the')]).toEqual([0, 1]);
  expect(() => open({ language: "english'" })).toThrow(TypeError);
});

test('search() minds roles and times', async () => {
  const history = open();
  await history.append('t', [
    message('early', 'cat', { at: 10 }),
    message('said', 'cat', { at: 20, role: 'assistant' }),
    message('late', 'cat', { at: 30 }),
  ]);
  await history.embedded();
  const ids = async (options: object): Promise<string[]> =>
    (await history.search('t', 'cat', { limit: 9, ...options })).map(({ id }) => id).sort();
  expect(await ids({ roles: ['assistant'] })).toEqual(['said']);
  expect(await ids({ since: 20 })).toEqual(['late', 'said']);
  expect(await ids({ until: 20 })).toEqual(['early']);
});

test('words that mean something to a query language mean nothing here', async () => {
  const history = open({ embed: embedderOf(() => Promise.reject(new Error('none'))) });
  await history.append('t', [message('a', `it's a \\ back & forth | "quoted" <-> ! (x) \0 end`)]);
  expect(await history.search('t', `' & | ! \\ () it's forth <-> \0`, { limit: 3 })).toHaveLength(1);
  expect(await history.search('t', '& | !', { limit: 3 })).toEqual([]);
});

test('no tenant and no thread sees another one', async () => {
  const [one, two] = [open(), open()];
  await one.append('t', [message('a', 'a cat of mine')]);
  await one.embedded();
  expect(await two.search('t', 'cat', { limit: 9 })).toEqual([]);
  expect(await one.search('t2', 'cat', { limit: 9 })).toEqual([]);
  expect(await two.last('t', 9)).toEqual([]);
  expect(await two.drop('t')).toBe(false);
  expect(await one.last('t', 9)).toHaveLength(1);
});

test('a message is stored and found by words while the embedder fails, and gets its vector later', async () => {
  let works = false;
  const embed = embedderOf(async (texts) => {
    if (!works) throw new Error('the embedder is down');
    return texts.map(vectorOf);
  });
  const history = open({ embed });
  const errors: unknown[] = [];
  const onError = (error: unknown): unknown => errors.push(error);
  channels.error.subscribe(onError);
  onTestFinished(() => channels.error.unsubscribe(onError));
  await history.append('t', [message('a', 'a kitten')]);
  await history.embedded();
  expect(errors.length).toBeGreaterThan(0);
  expect(await history.search('t', 'kitten', { limit: 1 })).toHaveLength(1);
  expect(await history.search('t', 'feline', { limit: 1 })).toEqual([]);
  works = true;
  await history.embedded();
  expect(await history.search('t', 'feline', { limit: 1 })).toHaveLength(1);
});

test('a search waits five seconds for an embedder that hangs, and is answered by words', async () => {
  const { promise: asked, resolve: asks } = Promise.withResolvers<void>();
  let hangs = false;
  const embed = embedderOf((texts) => {
    if (!hangs) return Promise.resolve(texts.map(vectorOf));
    asks();
    return new Promise(() => undefined);
  });
  const history = open({ embed });
  await history.append('t', [message('a', 'a kitten')]);
  await history.embedded();
  hangs = true;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const searching = history.search('t', 'kitten', { limit: 1 });
  await asked;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await searching).toHaveLength(1);
});

test.for([
  ['NaN', Float32Array.from([1, Number.NaN, 0])],
  ['zeros', new Float32Array(3)],
  ['another length', new Float32Array([1])],
] as const)('a vector that is no vector is never stored: %s', async ([, bad]) => {
  const tenant = randomUUID();
  const history = open({ tenant, embed: embedderOf(async (texts) => texts.map(() => bad)) });
  await history.append('t', [message('a', 'text')]);
  await history.embedded();
  const [row] = (await db.primary.execute(
    sql`select embedding is null as bare from agent_cache.ac_message where tenant = ${tenant}`,
  )) as unknown as { bare: boolean }[];
  expect(row?.bare).toBe(true);
});

test('another model makes vectors of its own, and old ones are not compared with them', async () => {
  const tenant = randomUUID();
  const before = open({ tenant });
  await before.append('t', [message('a', 'a kitten')]);
  await before.embedded();
  const after = open({ tenant, embed: { ...meaning, id: 'meanings-2' } });
  expect(await after.search('t', 'feline', { limit: 1 })).toEqual([]);
  await after.embedded();
  expect(await after.search('t', 'feline', { limit: 1 })).toHaveLength(1);
});

test('replace() changes what is read and found, and keeps the place', async () => {
  const history = open();
  await history.append('t', [message('a', 'the price'), message('b', 'x')]);
  await history.embedded();
  expect(await history.replace('t', 'a', message('a', 'a kitten'))).toBe(true);
  expect(await history.replace('t', 'absent', message('absent', 'a kitten'))).toBe(false);
  await history.embedded();
  expect((await history.last('t', 9)).map(({ content }) => content)).toEqual(['a kitten', 'x']);
  expect((await history.search('t', 'feline', { limit: 1 })).map(({ id }) => id)).toEqual(['a']);
  await expect(history.replace('t', 'a', message('b', 'x'))).rejects.toThrow(TypeError);
});

test('drop() forgets a thread, dropUser() a user in all threads', async () => {
  const history = open();
  const of = (user: string): Partial<Message> => ({ metadata: { user } });
  await history.append('one', [message('a', 'x', of('ann')), message('b', 'x', of('bob'))]);
  await history.append('two', [message('a', 'x', of('ann'))]);
  expect(await history.dropUser('ann')).toBe(2);
  expect(await history.last('one', 9)).toHaveLength(1);
  expect(await history.drop('one')).toBe(true);
  expect(await history.drop('one')).toBe(false);
  expect(await history.last('one', 9)).toEqual([]);
});

test('a message that was replaced is of whom the new one is', async () => {
  const history = open({ tenant: randomUUID() });
  const of = (user: string): Partial<Message> => ({ metadata: { user } });
  await history.append('one', [message('a', 'x', of('ann')), message('b', 'x', of('bob'))]);
  await history.replace('one', 'b', message('b', 'y', of('ann')));
  expect([await history.dropUser('bob'), await history.dropUser('ann')]).toEqual([0, 2]);
});

test('what another instance changes is told, with the thread', async () => {
  const tenant = randomUUID();
  const [here, there] = [open({ tenant }), open({ tenant })];
  const heard: string[] = [];
  here.onChange((thread) => heard.push(thread));
  await eventually('the change is told', async () => {
    await there.append('theirs', [message(randomUUID(), 'x')]);
    return heard.includes('theirs');
  });
  await here.append('mine', [message('m', 'x')]);
  await there.drop('theirs');
  expect(heard).not.toContain('mine');
});
