import type { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Client, Engine } from './engine.ts';

const client = (): Client => ({ hear: () => undefined });

/** What a PGlite was told to do; the real one is tested wherever a database is. */
function engineOver(run: (text: string) => unknown = () => undefined): {
  engine: Engine;
  told: string[];
  fatal: () => number;
} {
  const told: string[] = [];
  let fatal = 0;
  const exec = async (text: string): Promise<{ rows: unknown[] }> => {
    told.push(text);
    await run(text);
    return { rows: [] };
  };
  const onFatal = (): void => {
    fatal += 1;
  };
  const statements = { run: async (text: string) => (await exec(text)).rows as [] };
  // The engine calls these two of its many methods.
  const postgres = { exec, onNotification: () => () => undefined } as unknown as PGlite;
  return { engine: new Engine(postgres, onFatal, statements), told, fatal: () => fatal };
}

const query = (text: string, turn?: number) =>
  ({ id: 1, does: 'query', text, parameters: [], arrays: true, turn }) as const;
const begin = (turn: number) => ({ id: 1, does: 'begin', turn }) as const;
const end = (turn: number, commit: boolean) => ({ id: 1, does: 'end', turn, commit }) as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a transaction has the session for itself', async () => {
  const { engine, told } = engineOver();
  const [one, other] = [client(), client()];
  await engine.answer(one, begin(1));
  const waiting = engine.answer(other, query('theirs'));
  await engine.answer(one, query('mine', 1));
  await engine.answer(one, end(1, true));
  await waiting;
  expect(told).toEqual(['begin', 'mine', 'commit', 'theirs']);
});

test('a transaction whose owner is silent for 30 seconds is rolled back, and its next statement is told so', async () => {
  const { engine, told } = engineOver();
  const [one, other] = [client(), client()];
  await engine.answer(one, begin(1));
  const waiting = engine.answer(other, query('theirs'));
  await vi.advanceTimersByTimeAsync(29_999);
  expect(told).toEqual(['begin']);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(told).toEqual(['begin', 'rollback', 'theirs']);
  expect(await engine.answer(one, query('late', 1))).toMatchObject({ failure: { message: /over/ } });
  expect(await engine.answer(one, end(1, true))).toMatchObject({ failure: { message: /over/ } });
});

test('a transaction that is given up before its turn never begins', async () => {
  const { engine, told } = engineOver();
  const [one, other] = [client(), client()];
  await engine.answer(one, begin(1));
  const begun = engine.answer(other, begin(1));
  await engine.answer(other, end(1, false));
  await engine.answer(one, end(1, true));
  await begun;
  await engine.answer(one, query('next'));
  expect(told).toEqual(['begin', 'commit', 'next']);
});

test('a client that is gone leaves no transaction behind', async () => {
  const { engine, told } = engineOver();
  const [one, other] = [client(), client()];
  await engine.answer(one, begin(1));
  const waiting = [engine.answer(one, begin(2)), engine.answer(other, query('theirs'))];
  await engine.forget(one);
  await Promise.all(waiting);
  expect(told).toEqual(['begin', 'rollback', 'theirs']);
});

test('a statement’s own failure is told with its code; one of the machine ends the engine', async () => {
  const { engine, fatal } = engineOver((text) => {
    if (text === 'wrong') throw Object.assign(new Error('syntax'), { code: '42601' });
    if (text === 'broken') throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  });
  expect(await engine.answer(client(), query('wrong'))).toMatchObject({
    failure: { message: 'syntax', sqlState: '42601' },
  });
  expect(fatal()).toBe(0);
  expect(await engine.answer(client(), query('broken'))).toMatchObject({ failure: { fatal: true } });
  expect(fatal()).toBe(1);
});

test('each minute it looks for what to vacuum, and waits for its turn like everybody', async () => {
  const { engine, told } = engineOver();
  const [one, other] = [client(), client()];
  await vi.advanceTimersByTimeAsync(50_000);
  await engine.answer(one, begin(1));
  await vi.advanceTimersByTimeAsync(10_000);
  const waiting = engine.answer(other, query('theirs'));
  expect(told).toEqual(['begin']);
  await engine.answer(one, end(1, true));
  await waiting;
  expect(told).toEqual(['begin', 'commit', expect.stringContaining('n_dead_tup'), 'theirs']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toHaveLength(5);
});
