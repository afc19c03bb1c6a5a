import { testClock } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { type Asked, askedOf } from './asked.ts';
import { CommonWords } from './common-words.ts';
import { ModelRegistry } from './model-registry.ts';
import { NearIndexes } from './near-indexes.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
import { SingleSearch } from './single-search.ts';
import { spaceOf } from './space.ts';
import { Written } from './template.ts';
import { errorsDuring } from './test-events.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';
import { emptyTables } from './test-tables.ts';
import type { SemanticIndex, SemanticIndexOptions } from './types.ts';

let db: Database;
const clock = testClock();
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => emptyTables(db));

function open(options: Partial<SemanticIndexOptions> = {}): SemanticIndex {
  const defaults = {
    db,
    embed: wordEmbedder(),
    policy: thresholdPolicy(),
    guards: notGuard,
    now: clock.now,
    random: () => 0.5,
  };
  return semanticIndex({ ...defaults, deadlineMs: 5_000, ...options });
}

async function teach(index: SemanticIndex, text: string, value: unknown = text, more: object = {}): Promise<void> {
  await index.learn(undefined, ask(text, more), answer(value, clock.now()));
}

/** A database that works until `state` says otherwise. */
function moody(state: { mood: 'well' | 'failing' | 'hanging'; calls: number }): Database {
  const primary = new Proxy(db.primary, {
    get: (target, name) => {
      const real = Reflect.get(target, name, target);
      if (name !== 'execute' || typeof real !== 'function') return real;
      return (...args: unknown[]) => {
        state.calls += 1;
        if (state.mood === 'hanging') return new Promise(() => undefined);
        if (state.mood === 'failing') return Promise.reject(new Error('no database'));
        return real.apply(target, args);
      };
    },
  });
  return { ...db, primary, reader: () => primary };
}

describe('what is found', () => {
  test('other words of the same meaning, when the policy says so', async () => {
    const index = open();
    await teach(index, 'how do I reset my password', 'Click "forgot".');
    const found = await index.find(ask('how do I reset my password please'));
    expect(found).toMatchObject({ state: 'hit', value: 'Click "forgot".', matched: 'how do I reset my password' });
    expect((await index.find(ask('please reset a different thing'))).state).toBe('miss');
    await index.close();
  });

  // With vectors at hand too: nobody's very words are to wait until the spaces of others are scanned.
  test.each([false, true])(
    'many who ask at the same time cost two statements, and each gets their own answer or none (vectors at hand: %s)',
    async (peeks) => {
      const state = { mood: 'well' as const, calls: 0 };
      const index = open({ db: moody(state), embed: wordEmbedder({ peeks }) });
      const tenants = ['one', 'two', 'three', 'four'];
      for (const tenant of tenants) await teach(index, 'where is my order now', tenant, { tenant });
      const askAll = () =>
        Promise.all(
          [...tenants, 'nobody'].map((tenant) => index.find(ask('where is my order now please', { tenant }))),
        );
      await askAll(); // reads the labels and the names of indexes
      await index.flush();
      const before = state.calls;
      const found = await askAll();
      expect(found.map((each) => each.state === 'hit' && each.value)).toEqual([...tenants, false]);
      expect(state.calls - before).toBe(2);
      await index.close();
    },
  );

  test('the same words need no vector', async () => {
    const embed = wordEmbedder();
    const index = open({ embed });
    await teach(index, 'where is my order');
    const before = embed.calls.length;
    expect(await index.find(ask('where is my order'))).toMatchObject({ state: 'hit', similarity: 1 });
    expect(embed.calls.length).toBe(before);
    await index.close();
  });

  test('nothing that a guard refuses, however similar; the veto is counted', async () => {
    const index = open({ policy: thresholdPolicy({ atLeast: 0.5 }) });
    await teach(index, 'book a table for two tonight');
    const found = await index.find(ask('do not book a table for two tonight'));
    expect(found).toMatchObject({ state: 'miss', nearest: { reason: 'guard:negation' } });
    expect(index.stats().vetoes).toEqual({ negation: 1 });
    await index.close();
  });

  test('candidates that share rare words, even when their vectors are far', async () => {
    const policy = thresholdPolicy();
    const index = open({ policy });
    for (let number = 0; number < 12; number += 1) await teach(index, `a b c d e f g h i j number${number}`);
    await teach(index, 'the frobnicator quux of the year before last in another country');
    await index.find(ask('a b c d e f g h i j frobnicator quux'));
    const seen = policy.sights.at(-1)?.map(({ text }) => text);
    expect(seen).toHaveLength(8);
    expect(seen).toContain('the frobnicator quux of the year before last in another country');
    await index.close();
  });

  test('findMany() asks the embedder once for all', async () => {
    const embed = wordEmbedder();
    const index = open({ embed });
    await index.findMany([ask('one thing'), ask('another thing'), ask('one thing')]);
    expect(embed.calls).toEqual([['one thing', 'another thing']]);
    await index.close();
  });
});

describe('text and vectors that cannot be', () => {
  test('empty text is a miss, and nothing is learned', async () => {
    const index = open();
    for (const text of ['', ' \n\t']) {
      const found = await index.find(ask(text));
      expect(found.state).toBe('miss');
      if (found.state === 'miss') await index.learn(found.ticket, ask(text), answer('x', clock.now()));
      expect((await index.find(ask(text))).state).toBe('miss');
    }
    expect(index.stats().learned.answers).toBe(0);
    await index.close();
  });

  test.each([
    ['100 kB', 'word '.repeat(20_000)],
    ['NUL', 'how\0are you'],
    ['half a surrogate pair', 'how \ud83e are you'],
  ])('%s is a miss with an event, and nothing is learned', async (_, text) => {
    const index = open();
    const heard = await errorsDuring(async () => {
      expect((await index.find(ask(text))).state).toBe('miss');
      await index.learn(undefined, ask(text), answer('x', clock.now()));
    });
    expect(heard.map(({ code }) => code)).toEqual(['ERR_PG_SEMANTIC_BAD_TEXT', 'ERR_PG_SEMANTIC_BAD_TEXT']);
    expect(index.stats().learned.answers).toBe(0);
    await index.close();
  });

  test.each([
    ['NaN', [Number.NaN, 1]],
    ['a wrong dimension', [1, 2, 3]],
    ['zeros', [0, 0]],
  ])('a vector of %s is a miss with an event', async (_, vector) => {
    const embed = { id: `bad ${vector}`, dimensions: 2, embed: async () => [Float32Array.from(vector)] };
    const index = open({ embed });
    const heard = await errorsDuring(() => index.find(ask('hello there')));
    expect(heard.map(({ code }) => code)).toEqual(['ERR_PG_SEMANTIC_BAD_VECTOR']);
    await index.close();
  });

  test('without a vector an answer is still learned, for the same words', async () => {
    const embed = { id: 'down', dimensions: 2, embed: () => Promise.reject(new Error('down')) };
    const index = open({ embed });
    await errorsDuring(() => teach(index, 'where is my order'));
    expect((await index.find(ask('where is my order'))).state).toBe('hit');
    await index.close();
  });
});

describe('a sick database or embedder', () => {
  test('costs a bounded delay once, then nothing until it has rested', async () => {
    const state = { mood: 'well' as 'well' | 'failing' | 'hanging', calls: 0 };
    const index = open({ db: moody(state), deadlineMs: 40, restMs: 1_000 });
    state.mood = 'hanging';
    const heard = await errorsDuring(() => index.find(ask('hello there')));
    expect(heard.map(({ code }) => code)).toEqual(['ERR_PG_SEMANTIC_LATE']);
    const calls = state.calls;
    for (let round = 0; round < 20; round += 1) expect((await index.find(ask('hello there'))).state).toBe('miss');
    expect(state.calls).toBe(calls);
    expect(index.stats().misses).toEqual({ failure: 1, 'database at rest': 20 });
    state.mood = 'well';
    clock.advance(1_000);
    expect((await index.find(ask('hello there'))).state).toBe('miss');
    expect(state.calls).toBeGreaterThan(calls);
    await index.close();
  });

  test('is a miss with an event, and learning an event, never a rejection', async () => {
    const state = { mood: 'failing' as const, calls: 0 };
    const index = open({ db: moody(state) });
    const heard = await errorsDuring(async () => {
      expect((await index.find(ask('hello there'))).state).toBe('miss');
      await teach(index, 'hello there');
      await index.close();
    });
    expect(heard.map(({ operation }) => operation)).toContain('find');
    expect(heard.map(({ operation }) => operation)).toContain('learn');
  });

  test('an embedder that fails is left alone for a while, and does not keep the same words from being found', async () => {
    const index = open();
    await teach(index, 'where is my order');
    const stuck = open({ embed: { ...wordEmbedder(), embed: () => Promise.reject(new Error('down')) } });
    await errorsDuring(async () => expect((await stuck.find(ask('where is my parcel'))).state).toBe('miss'));
    expect((await stuck.find(ask('where is my parcel'))).state).toBe('miss');
    expect(stuck.stats().misses).toEqual({ failure: 1, 'embedder at rest': 1 });
    expect((await stuck.find(ask('where is my order'))).state).toBe('hit');
    await Promise.all([index.close(), stuck.close()]);
  });
});

describe('a replica', () => {
  test('only proposes: what the primary has no more is not served', async () => {
    const index = open();
    await teach(index, 'where is my order');
    const stale = await index.find(ask('where is my order'));
    // A reader that stands still: it answers from a copy taken before the answer was called wrong.
    const frozen = new Map<string, unknown>();
    const reader = new Proxy(db.primary, {
      get: (target, name) => {
        const real = Reflect.get(target, name, target);
        if (name !== 'execute' || typeof real !== 'function') return real;
        return async (statement: { queryChunks: unknown[] }) => {
          const key = JSON.stringify(statement.queryChunks.length);
          if (!frozen.has(key)) frozen.set(key, await real.call(target, statement));
          return frozen.get(key);
        };
      },
    });
    const lagging = open({ db: { ...db, lags: true, reader: () => reader } });
    expect((await lagging.find(ask('where is my order'))).state).toBe('hit');
    expect((await lagging.find(ask('where is my order please'))).state).toBe('hit');
    if (stale.state === 'hit') await index.feedback(stale.hitId, 'wrong');
    expect((await lagging.find(ask('where is my order'))).state).toBe('miss');
    expect((await lagging.find(ask('where is my order please'))).state).toBe('miss');
    await Promise.all([index.close(), lagging.close()]);
  });
});

describe('judge and rerank', () => {
  const unsure = thresholdPolicy({ atLeast: 0.99, judgeFrom: 0.5 });

  test('in the band where the policy is not sure the judge decides, and a label comes of it', async () => {
    const policy = thresholdPolicy({ atLeast: 0.99, judgeFrom: 0.5 });
    const asked: unknown[] = [];
    const index = open({ policy, judge: async (pair) => asked.push(pair) === 1 });
    await teach(index, 'where is my order', 'in the post');
    expect((await index.find(ask('where is my order now'))).state).toBe('hit');
    expect((await index.find(ask('where is my old order'))).state).toBe('miss');
    expect(asked[0]).toMatchObject({
      asked: 'where is my order now',
      stored: 'where is my order',
      answer: 'in the post',
    });
    expect(policy.labels.map(({ source, right }) => [source, right])).toEqual([
      ['judge', true],
      ['judge', false],
    ]);
    expect((await index.reviews()).map(({ why }) => why)).toEqual(['judge: no']);
    await index.close();
  });

  test('a judge that fails, is late, or says anything but true means no', async () => {
    const judges = [
      () => Promise.reject(new Error('no')),
      () => new Promise<boolean>(() => undefined),
      async () => 'yes' as unknown as boolean,
    ];
    for (const judge of judges) {
      const index = open({ policy: unsure, judge, judgeDeadlineMs: 30 });
      await teach(index, 'where is my order');
      await errorsDuring(async () => expect((await index.find(ask('where is my order now'))).state).toBe('miss'));
      await index.close();
    }
  });

  test('without a judge the band is a miss', async () => {
    const index = open({ policy: unsure });
    await teach(index, 'where is my order');
    expect((await index.find(ask('where is my order now'))).state).toBe('miss');
    await index.close();
  });

  test('rerank can order and leave out, but neither invent nor make similar', async () => {
    const policy = thresholdPolicy({ atLeast: 0.8 });
    const index = open({
      policy,
      rerank: async (_, candidates) => [
        { promptId: '999999', answerId: '1', text: 'made up', similarity: 1 },
        ...candidates.toReversed().map((candidate) => ({ ...candidate, similarity: 1 })),
      ],
    });
    await teach(index, 'where is my order');
    await teach(index, 'where do I send it');
    const found = await index.find(ask('where is my order now'));
    expect(policy.sights.at(-1)?.map(({ text }) => text)).toEqual(['where do I send it', 'where is my order']);
    expect(found.state).toBe('miss');
    await index.close();
  });

  test('what is called wrong while a hook thinks is not served', async () => {
    const thinking = Promise.withResolvers<void>();
    const called = Promise.withResolvers<void>();
    const slow = open({
      rerank: async (_, candidates) => {
        called.resolve();
        await thinking.promise;
        return candidates;
      },
    });
    await teach(slow, 'where is my order');
    const served = await slow.find(ask('where is my order'));
    const found = slow.find(ask('where is my order now'));
    await called.promise;
    if (served.state === 'hit') await slow.feedback(served.hitId, 'wrong');
    await slow.invalidate({ tags: served.state === 'hit' ? [served.answerTag] : [] });
    thinking.resolve();
    expect((await found).state).toBe('miss');
    await slow.close();
  });

  test('a rerank that fails leaves the order as it was', async () => {
    const index = open({ rerank: () => Promise.reject(new Error('no')) });
    await teach(index, 'where is my order');
    await errorsDuring(async () => expect((await index.find(ask('where is my order now'))).state).toBe('hit'));
    await index.close();
  });
});

/** The space gets a vector index, however small it is. */
async function buildIndex(scope: string): Promise<void> {
  const embed = wordEmbedder();
  const nearIndexes = new NearIndexes(db, embed, new ModelRegistry(db, embed, clock.now), { scannedUpTo: -1 });
  nearIndexes.grew(spaceOf(ask('', { scope })));
  await nearIndexes.build();
}

describe.each([
  { space: 'with a vector index', scope: 'indexed', prepare: buildIndex },
  { space: 'that is scanned', scope: 'scanned', prepare: async () => undefined },
])('a vector at hand, in a space $space', ({ scope, prepare }) => {
  const taught = ['where is my order', 'who pays the bill', 'please open the door', 'is the shop open'];
  beforeEach(() => prepare(scope));

  test('the database is asked once, the embedder not at all', async () => {
    const state = { mood: 'well' as const, calls: 0 };
    const embed = wordEmbedder({ peeks: true });
    const index = open({ db: moody(state), embed });
    for (const text of taught) await teach(index, text, text, { scope });
    // The first lookup of a category reads its labels.
    await index.find(ask('quite another thing', { scope }));
    embed.calls.length = 0;
    for (const [text, found] of [
      ['where is my order', { state: 'hit', similarity: 1 }],
      ['where is my order now', { state: 'hit', matched: 'where is my order' }],
      ['when does the train leave', { state: 'miss' }],
    ] as const) {
      state.calls = 0;
      expect(await index.find(ask(text, { scope }))).toMatchObject(found);
      expect(state.calls).toBe(1);
    }
    state.calls = 0;
    const together = await index.findMany([
      ask('where is my order now', { scope }),
      ask('is the shop open', { scope }),
    ]);
    expect(together.map((found) => found.state)).toEqual(['hit', 'hit']);
    expect([state.calls, embed.calls]).toEqual([2, []]);
    await index.close();
  });

  test('it changes no answer', async () => {
    const [peeking, asking] = [open({ embed: wordEmbedder({ peeks: true }) }), open()];
    for (const text of taught) await teach(asking, text, text, { scope });
    await asking.learn(
      undefined,
      ask('a short life', { scope }),
      answer('gone', clock.now(), { expiresAt: clock.now() + 5 }),
    );
    for (const index of [peeking, asking]) await index.find(ask('quite another thing', { scope }));
    const wrong = await asking.find(ask('is the shop open today', { scope }));
    if (wrong.state === 'hit') await asking.feedback(wrong.hitId, 'wrong');
    clock.advance(10);
    const asked = [
      ...taught,
      'who pays the bill now',
      'a short life',
      'a short life now',
      'is the shop open today',
      'no',
    ];
    for (const text of asked) {
      const [one, other] = [await peeking.find(ask(text, { scope })), await asking.find(ask(text, { scope }))];
      const { hitId: _, ticket: __, ...rest } = { hitId: '', ticket: '', ...other };
      expect(one).toMatchObject(rest);
    }
    await peeking.close();
    await asking.close();
  });

  test.each([
    ['throws', () => raise()],
    ['has numbers that are none', () => new Float32Array(64).fill(Number.NaN)],
    ['is of another length', () => new Float32Array(3).fill(1)],
  ])('one that %s is asked for properly', async (_, peek) => {
    const embed = wordEmbedder();
    const index = open({ embed: { ...embed, peek } });
    await teach(index, 'where is my order', 1, { scope });
    for (let round = 0; round < 2; round += 1) {
      expect(await index.find(ask(`where is my order ${round}`, { scope }))).toMatchObject({ state: 'hit', value: 1 });
    }
    expect(embed.calls).toContainEqual(['where is my order 1']);
    await index.close();
  });
});

function raise(): never {
  throw new Error('no vector');
}

describe('the vector index of a large space', () => {
  test('is built when the space has outgrown the scan, and is what the planner takes', async () => {
    const embed = wordEmbedder({ dimensions: 16 });
    const index = open({ embed });
    const scope = `large ${clock.now()}`;
    const models = new ModelRegistry(db, embed, clock.now);
    const nearIndexes = new NearIndexes(db, embed, models, { scannedUpTo: 20 });
    const space = spaceOf(ask('', { scope }));
    for (let number = 0; number < 25; number += 1) await teach(index, `question number ${number}`, number, { scope });
    expect(await nearIndexes.has(space)).toBe(false);
    nearIndexes.grew(space);
    await nearIndexes.build();
    expect(await nearIndexes.has(space)).toBe(true);
    const text = 'question number 7';
    const [vector] = (await embed.embed([text])) as [Float32Array];
    const search = { ...(askedOf(ask(text, { scope }), 1_000) as Asked), vector };
    const single = new SingleSearch(db.kind, new CommonWords(db));
    const modelId = await models.id();
    const where = { modelId, now: clock.now(), isIndexed: true };
    for (const statement of [single.nearStatement(search, where), single.atOnceStatement(search, where)]) {
      const { sql: written, params } = statement.toQuery();
      const plan = await db.primary.transaction(async (inner) => {
        // So few rows are scanned quicker; whether the planner has any other index than ours is the question.
        await inner.execute('set local enable_seqscan = off');
        return rowsOf<Record<string, string>>(inner, new Written(`explain ${written}`, params));
      });
      expect(JSON.stringify(plan)).toContain(`ac_near_${modelId}_`);
      expect(JSON.stringify(plan)).toContain('Bitmap Index Scan on ac_prompt_words');
      expect(JSON.stringify(plan)).not.toContain('BitmapAnd');
    }
    expect(await index.find(ask('question number 7 7', { scope }))).toMatchObject({ state: 'hit', value: 7 });
    await index.close();
  });

  test('of a space that is much larger takes the place of the smallest, when there are as many as may be', async () => {
    const embed = wordEmbedder({ dimensions: 16 });
    const index = open({ embed });
    for (const { name } of await rowsOf<{ name: string }>(
      db.primary,
      sql`select relname as name from pg_class where relname like 'ac\\_near\\_%'`,
    )) {
      await db.maintain(`drop index agent_cache.${name}`);
    }
    const nearIndexes = new NearIndexes(db, embed, new ModelRegistry(db, embed, clock.now), {
      scannedUpTo: 4,
      most: 2,
    });
    const spaces = ['five', 'six', 'twenty'].map((scope) => spaceOf(ask('', { scope })));
    const haveIndexes = () => Promise.all(spaces.map((space) => nearIndexes.has(space)));
    const grow = async (scope: string, from: number, to: number): Promise<void> => {
      for (let number = from; number < to; number += 1) await teach(index, `wording ${number}`, number, { scope });
      nearIndexes.grew(spaceOf(ask('', { scope })));
      await nearIndexes.build();
    };
    await grow('five', 0, 5);
    await grow('six', 0, 6);
    await grow('twenty', 0, 20);
    expect(await haveIndexes()).toEqual([true, true, false]);
    await grow('twenty', 20, 21);
    expect(await haveIndexes()).toEqual([false, true, true]);
    for (const scope of ['five', 'six', 'twenty']) {
      expect(await index.find(ask('wording 3 3', { scope }))).toMatchObject({ state: 'hit', value: 3 });
    }
    await index.close();
  });
});
