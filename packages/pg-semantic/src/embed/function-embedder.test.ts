import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { messageHistory } from '../history/message-history.ts';
import { semanticIndex } from '../index/semantic-index.ts';
import { errorsDuring } from '../index/test-events.ts';
import { answer, ask, notGuard, wordEmbedder } from '../index/test-index.ts';
import { fixedThreshold } from '../policy/fixed-threshold.ts';
import type { EmbedFunction } from './embed-function.ts';
import { FunctionEmbedder } from './function-embedder.ts';
import { modelIdOf } from './model-id.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** What a user writes: lists of plain numbers. `shift` makes it another model, `noise` one that never says the same twice. */
function model({ shift = 0, noise = 0, dimensions = 64 } = {}): EmbedFunction {
  const words = wordEmbedder({ dimensions });
  return async (texts: string[]) =>
    (await words.embed(texts)).map((vector) =>
      Array.from(vector, (_, place) => (vector[(place + shift) % dimensions] as number) + noise * (place % 7)),
    );
}

const open = (embed: EmbedFunction) =>
  semanticIndex({ db, embed, policy: fixedThreshold(0.7), guards: notGuard, deadlineMs: 10_000 });
const idOf = (embed: EmbedFunction) => modelIdOf(db, new FunctionEmbedder(embed));

describe('a function as an embedder', () => {
  test('finds other words', async () => {
    const index = open(model());
    await index.learn(undefined, ask('where is my parcel now'), answer('on its way', Date.now()));
    expect(await index.find(ask('where is my parcel'))).toMatchObject({ state: 'hit', value: 'on its way' });
    await index.close();
  });

  test('is known again, also when it answers a little differently each time', async () => {
    const id = await idOf(model());
    expect(await idOf(model())).toBe(id);
    expect(await idOf(model({ noise: 0.001 }))).toBe(id);
  });

  test('takes no number of a model each time it is asked for', async () => {
    const [first] = [await idOf(model()), await idOf(model()), await idOf(model())];
    const next = await modelIdOf(db, wordEmbedder({ id: `new ${Math.random()}` }));
    for (let round = 0; round < 20; round += 1) expect(await idOf(model())).toBe(first);
    expect(await modelIdOf(db, wordEmbedder({ id: 'another' }))).toBe(next + 1);
  });

  test('of two, vectors never meet, though they are of one length', async () => {
    expect(await idOf(model({ shift: 1 }))).not.toBe(await idOf(model()));
    expect(await idOf(model({ dimensions: 32 }))).not.toBe(await idOf(model()));
    const scope = 'two models';
    const [one, two] = [open(model()), open(model({ shift: 1 }))];
    await one.learn(undefined, ask('where is my parcel now', { scope }), answer('on its way', Date.now()));
    const found = await two.find(ask('where is my parcel', { scope }));
    expect(found).toEqual({ state: 'miss', ticket: expect.any(String) }); // nothing near at all
    await Promise.all([one.close(), two.close()]);
  });

  test('may know only some texts: then its length alone tells it', async () => {
    const known: Record<string, number[]> = { 'ask me': [1, 0], 'do ask me': [0.9, 0.1] };
    const index = open(async (texts) => texts.map((text) => known[text] ?? [0, 0]));
    await index.learn(undefined, ask('ask me'), answer('yes', Date.now()));
    expect(await index.find(ask('do ask me'))).toMatchObject({ state: 'hit', value: 'yes' });
    await index.close();
  });

  test('that fails makes lookups miss and is told', async () => {
    const index = open(() => Promise.reject(new Error('quota')));
    const errors = await errorsDuring(async () => {
      expect(await index.find(ask('is this in other words?'))).toMatchObject({ state: 'miss' });
    });
    expect(errors).toMatchObject([{ error: { code: 'ERR_PG_SEMANTIC_EMBEDDING_FAILED' } }]);
    await index.close();
  });

  test('of messages finds what was said', async () => {
    const history = messageHistory({ db, embed: model() });
    await history.append('t', [{ id: '1', role: 'user', content: 'the parcel has come', at: 1 }]);
    await history.embedded();
    expect(await history.search('t', 'has the parcel come', { limit: 1 })).toMatchObject([{ id: '1' }]);
    await history.close?.();
  });

  test.each([{ embed: 'text-embedding-3-small' }, { embed: {} }, { db: Promise.resolve() }])(
    'what cannot be is refused in words: %j',
    (options) => {
      // @ts-expect-error none of them is what its option takes
      expect(() => semanticIndex({ db, ...options })).toThrow(/semanticIndex: "(embed|db)" must be/);
    },
  );
});
