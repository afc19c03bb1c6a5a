import { testClock } from '@agent-cache/core-tier/testing';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import type { Embedder } from '../embedder.ts';
import { calibrated } from '../policy/calibrated.ts';
import { type Asked, askedOf } from './asked.ts';
import { type HitFacts, hitFactsOf, hitIdOf } from './hit-id.ts';
import { rowsOf } from './rows.ts';
import { semanticIndex } from './semantic-index.ts';
import { confirmed } from './stored-answer.ts';
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
  const common = { db, embed: wordEmbedder(), policy: thresholdPolicy(), guards: notGuard, now: clock.now };
  return semanticIndex({ ...common, random: () => 0.5, deadlineMs: 5_000, ...options });
}

async function ticketOf(index: SemanticIndex, text: string): Promise<string> {
  const found = await index.find(ask(text));
  if (found.state !== 'miss') throw new Error(`"${text}" should have been a miss`);
  return found.ticket;
}

async function learn(index: SemanticIndex, text: string, value: unknown, more: object = {}): Promise<void> {
  await index.learn(await ticketOf(index, text), ask(text), answer(value, clock.now(), more));
}

async function hitOf(index: SemanticIndex, text: string) {
  const found = await index.find(ask(text));
  if (found.state !== 'hit') throw new Error(`"${text}" should have been a hit: ${found.nearest?.reason}`);
  return found;
}

async function count(table: string): Promise<number> {
  const [row] = await rowsOf<{ count: number }>(
    db.primary,
    sql.raw(`select count(*) as count from agent_cache.${table}`),
  );
  return Number(row?.count);
}

describe('labels', () => {
  test('a fresh answer that says the same makes the question another wording of the stored one', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95 });
    const index = open({ policy });
    await learn(index, 'how do I reset my password', 'Click "forgot".');
    await learn(index, 'how do I reset my old password', 'click “forgot”');
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([1, 2]);
    expect(policy.labels).toMatchObject([{ right: true, source: 'miss', features: [expect.any(Number), 1] }]);
    expect((await hitOf(index, 'how do I reset my old password')).value).toBe('Click "forgot".');
    expect(index.stats().learned).toEqual({ answers: 1, wordings: 1, refused: 0 });
    await index.close();
  });

  test('a fresh answer that only seems to say the same teaches so, and is kept all the same', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95 });
    const index = open({ policy });
    const template =
      'open your settings there, go to the page of subscriptions on it, and then click on the red button to';
    await learn(index, 'how do I cancel my plan', `${template} cancel`);
    await learn(index, 'how do I pause my plan', `${template} pause`);
    expect(policy.labels).toMatchObject([{ right: true }]);
    expect((await hitOf(index, 'how do I pause my plan')).value).toBe(`${template} pause`);
    await learn(index, 'how do I pause the plan', `then go to the page of subscriptions on it, ${template} pause`);
    expect(index.stats().learned).toEqual({ answers: 2, wordings: 1, refused: 0 });
    await index.close();
  });

  test.each([
    [
      { text: 'Here it is.', chart: 'march' },
      { text: 'Here it is.', chart: 'may' },
    ],
    [{ text: '' }, { text: '' }],
  ])(
    'an answer with the same text never stands for one that has something else in it, or no text: %j',
    async (one, two) => {
      const index = open({ policy: thresholdPolicy({ atLeast: 0.95 }) });
      await learn(index, 'how was the first month', one);
      await learn(index, 'how was the first other month', two);
      expect((await hitOf(index, 'how was the first other month')).value).toEqual(two);
      expect(await count('ac_answer')).toBe(2);
      await index.close();
    },
  );

  test('another wording brings its tags to the answer', async () => {
    const index = open({ policy: thresholdPolicy({ atLeast: 0.95 }) });
    await learn(index, 'how do I reset my password', 'Click.', { tags: ['one'] });
    await learn(index, 'how do I reset my old password', 'Click.', { tags: ['two'] });
    await index.invalidate({ tags: ['two'] });
    expect((await index.find(ask('how do I reset my password'))).state).toBe('miss');
    await index.close();
  });

  test('a fresh answer that says something else is a new answer, and a label that says so', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95 });
    const index = open({ policy, sameAnswer: (fresh, stored) => fresh === stored });
    await learn(index, 'how do I reset my password', 'Click.');
    await learn(index, 'how do I reset my old password', 'You cannot.');
    expect(await count('ac_answer')).toBe(2);
    expect(policy.labels).toMatchObject([{ right: false, source: 'miss' }]);
    await index.close();
  });

  test('answers that cannot be compared make no label', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95 });
    const index = open({ policy });
    await learn(index, 'how do I reset my password', { body: new Uint8Array([1]) });
    await learn(index, 'how do I reset my old password', { body: new Uint8Array([1]) });
    expect(policy.labels).toEqual([]);
    await index.close();
  });

  test('without aliases in the policy a question with a known answer is found by its very words, and only by them', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95, aliases: false });
    const index = open({ policy });
    await learn(index, 'how do I reset my password', 'Click.');
    await learn(index, 'how do I reset my old password', 'Click.');
    await learn(index, 'how do I reset my new password', 'You cannot.');
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([2, 3]);
    expect((await hitOf(index, 'how do I reset my old password')).matched).toBe('how do I reset my old password');
    await index.find(ask('how do I reset my old and new password'));
    const seen = policy.sights
      .at(-1)
      ?.map(({ text }) => text)
      .sort();
    expect(seen).toEqual(['how do I reset my new password', 'how do I reset my password']);
    const gone = await index.deleteSimilar('how do I reset my old password', { tenant: 'acme', atLeast: 0.99 });
    expect(gone).toHaveLength(3); // the answer, and both its questions
    await index.close();
  });

  test('an audit that finds the answer wrong forbids it for that question', async () => {
    let audits = false;
    const policy = thresholdPolicy({ atLeast: 0.8, audits: () => audits });
    const index = open({ policy, sameAnswer: (fresh, stored) => fresh === stored });
    await learn(index, 'how do I reset my password', 'Click.');
    audits = true;
    await learn(index, 'how do I reset my password now', 'You cannot.');
    audits = false;
    expect(policy.labels).toMatchObject([{ right: false, source: 'audit' }]);
    expect((await hitOf(index, 'how do I reset my password now')).value).toBe('You cannot.');
    expect((await hitOf(index, 'how do I reset my password')).value).toBe('Click.');
    await index.close();
  });

  test('reach other processes when they are flushed, and those that start later', async () => {
    const [here, there, later] = [thresholdPolicy(), thresholdPolicy(), thresholdPolicy()];
    const [one, two] = [open({ policy: here }), open({ policy: there })];
    await learn(one, 'how do I reset my password', 'Click.');
    await two.find(ask('something'));
    const hit = await hitOf(one, 'how do I reset my password now');
    await one.feedback(hit.hitId, 'wrong');
    await one.flush();
    await two.flush();
    expect(there.labels).toEqual(here.labels);
    expect(there.labels).toMatchObject([{ right: false, source: 'user', at: clock.now() }]);
    const three = open({ policy: later });
    await three.find(ask('something'));
    expect(later.labels).toEqual(here.labels);
    await Promise.all([one.close(), two.close(), three.close()]);
  });
});

describe('learn()', () => {
  test('are kept as long as a model that starts would read them', async () => {
    const index = open({ policy: thresholdPolicy({ atLeast: 0.95 }) });
    const questions = ['how do I reset my password', 'how do I reset my old password'].map((text) =>
      ask(text, { category: 'full' }),
    );
    for (const question of questions) {
      const found = await index.find(question);
      const ticket = found.state === 'miss' ? found.ticket : undefined;
      await index.learn(ticket, question, answer('Click it.', clock.now()));
    }
    await db.primary.execute(sql`insert into agent_cache.ac_label
      (model_id, category, policy, writer, prompt_id, answer_id, similarity, features, is_right, source, at)
      select m.id, c, 'threshold', gen_random_uuid(), '', '', 0.5, '{0.5,1}', true, 'miss', ${clock.now()}
      from agent_cache.ac_model m, unnest(array['full', 'another']) c, generate_series(1, 4100) n where m.name = 'words@1#64'`);
    await index.flush();
    const [row] = await rowsOf<{ full: number; another: number }>(
      db.primary,
      sql`select count(*) filter (where category = 'full') as full, count(*) filter (where category = 'another') as another
        from agent_cache.ac_label`,
    );
    expect([Number(row?.full), Number(row?.another)]).toEqual([4_000, 4_100]);
    await index.close();
  });

  test('teaches once per ticket', async () => {
    const policy = thresholdPolicy({ atLeast: 0.95 });
    const index = open({ policy });
    await learn(index, 'how do I reset my password', 'Click.');
    const ticket = await ticketOf(index, 'how do I reset my old password');
    for (let round = 0; round < 2; round += 1) {
      await index.learn(ticket, ask('how do I reset my old password'), answer('Click.', clock.now()));
    }
    expect(policy.labels).toHaveLength(1);
    expect(await count('ac_prompt')).toBe(2);
    await index.close();
  });

  test('takes an answer with a ticket it does not know as new', async () => {
    const index = open();
    await index.learn('from somewhere else', ask('where is my order'), answer('In the post.', clock.now()));
    expect((await hitOf(index, 'where is my order')).value).toBe('In the post.');
    await index.close();
  });

  test('of two processes with the same question at once keeps one answer, without an error', async () => {
    const [one, two] = [open(), open()];
    const tickets = [await ticketOf(one, 'where is my order'), await ticketOf(two, 'where is my order')];
    const heard = await errorsDuring(() =>
      Promise.all([
        one.learn(tickets[0], ask('where is my order'), answer('first', clock.now())),
        two.learn(tickets[1], ask('where is my order'), answer('second', clock.now())),
      ]),
    );
    expect(heard).toEqual([]);
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([1, 1]);
    await Promise.all([one.close(), two.close()]);
  });

  test('that fails leaves what is stored', async () => {
    const index = open();
    await learn(index, 'where is my order', 'In the post.');
    const heard = await errorsDuring(() =>
      index.learn(
        undefined,
        ask('where is my order'),
        answer(() => 'a function', clock.now()),
      ),
    );
    expect(heard.map(({ code }) => code)).toEqual(['ERR_PG_SEMANTIC_UNSTORABLE']);
    expect((await hitOf(index, 'where is my order')).value).toBe('In the post.');
    await index.close();
  });

  describe('with something that hangs ends after half a minute', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    test('an embedder: it is told to stop, and the answer is found by its very words', async () => {
      const { promise: asked, resolve: asks } = Promise.withResolvers<AbortSignal | undefined>();
      const embed: Embedder = {
        ...wordEmbedder(),
        embed: (_, options) => {
          asks(options?.signal);
          return new Promise(() => undefined);
        },
      };
      const index = open({ embed });
      const learning = index.learn(undefined, ask('where is my order'), answer('In the post.', clock.now()));
      const signal = await asked;
      await vi.advanceTimersByTimeAsync(30_000);
      await learning;
      expect(signal?.aborted).toBe(true);
      expect((await hitOf(index, 'where is my order')).value).toBe('In the post.');
      await index.close();
    });

    test('a comparison of answers: there is no label, and the answer is kept', async () => {
      const policy = thresholdPolicy({ atLeast: 0.95 });
      const { promise: asked, resolve: asks } = Promise.withResolvers<void>();
      const sameAnswer = (): Promise<boolean> => {
        asks();
        return new Promise(() => undefined);
      };
      const index = open({ policy, sameAnswer });
      await learn(index, 'how do I reset my password', 'Click.');
      const learning = learn(index, 'how do I reset my old password', 'Push.');
      await asked;
      const closing = index.close();
      await vi.advanceTimersByTimeAsync(30_000);
      await Promise.all([learning, closing]);
      expect(policy.labels).toEqual([]);
      expect(await count('ac_answer')).toBe(2);
    });
  });

  test('refuses what was under way when something like it was deleted', async () => {
    const index = open();
    const ticket = await ticketOf(index, 'who leads the company');
    await index.deleteSimilar('who leads the company now', { tenant: 'acme', atLeast: 0.8 });
    await index.learn(ticket, ask('who leads the company'), answer('An old name.', clock.now()));
    expect((await index.find(ask('who leads the company'))).state).toBe('miss');
    expect(index.stats().learned.refused).toBe(1);
    await index.close();
  });

  test('refuses what cannot be compared with what was deleted meanwhile', async () => {
    let works = true;
    const words = wordEmbedder();
    const embed: Embedder = {
      ...words,
      embed: (texts) => (works ? words.embed(texts) : Promise.reject(new Error('quota'))),
    };
    const [index, another] = [open({ embed }), open()];
    const question = ask('who leads the firm', { tenant: 'other' });
    const tickets = [await index.find(question), await another.find(ask('who leads the company'))].map(
      (found) => (found.state === 'miss' && found.ticket) || '',
    );
    await another.deleteSimilar('who leads the company now', { tenant: 'acme', atLeast: 0.8 });
    works = false;
    const old = answer('An old name.', clock.now());
    await index.learn(tickets[1], ask('who leads this company'), old);
    await index.learn(tickets[0], ask('who leads this firm', { tenant: 'other' }), old);
    expect(index.stats().learned).toMatchObject({ answers: 1, refused: 1 });
    await Promise.all([index.close(), another.close()]);
  });

  test('of a source version forgets and refuses the older ones', async () => {
    const index = open();
    const entry = answer('Page 12.', clock.now());
    await index.learn(undefined, ask('where is the rule'), entry, { sources: { handbook: 3 } });
    await index.learn(undefined, ask('where is the other rule'), entry, { sources: { handbook: 4 } });
    const { answerTag } = await hitOf(index, 'where is the rule');
    expect(await index.invalidateSource('handbook', 4)).toEqual([answerTag]);
    await index.learn(undefined, ask('where is the third'), entry, { sources: { handbook: 3 } });
    expect((await index.find(ask('where is the third'))).state).toBe('miss');
    expect((await hitOf(index, 'where is the other rule')).value).toBe('Page 12.');
    await index.close();
  });

  test('warm() stores answers with one call of the embedder', async () => {
    const embed = wordEmbedder();
    const index = open({ embed });
    const list = ['one thing', 'another thing', ''].map((text) => ({
      question: ask(text),
      entry: answer(text, clock.now()),
    }));
    expect(await index.warm(list)).toBe(2);
    expect(embed.calls).toEqual([['one thing', 'another thing']]);
    expect((await hitOf(index, 'another thing')).value).toBe('another thing');
    await index.close();
  });
});

describe('verdicts', () => {
  test('a wrong hit is not served again in any process, for these words in any case; its own question still is', async () => {
    const [one, two] = [open(), open()];
    await learn(one, 'where is my order', 'In the post.');
    const hit = await hitOf(one, 'where is my order now');
    await hitOf(two, 'Where is my order NOW');
    expect(await two.feedback(hit.hitId, 'wrong')).toBe(hit.answerTag);
    for (const index of [one, two]) {
      expect((await index.find(ask('where is my order now'))).state).toBe('miss');
      expect((await index.find(ask('Where is my order, NOW?'))).state).toBe('miss');
      expect((await hitOf(index, 'where is my order')).value).toBe('In the post.');
    }
    await Promise.all([one.close(), two.close()]);
  });

  test('who says the same of a hit twice is counted once, in whatever process; who thinks again is heard', async () => {
    const policy = thresholdPolicy();
    const [one, two] = [open({ policy }), open({ policy: thresholdPolicy() })];
    await learn(one, 'where is my order', 'In the post.');
    const { hitId, answerTag } = await hitOf(one, 'where is my order now');
    for (const verdict of ['right', 'right', 'wrong', 'wrong'] as const) {
      expect(await one.feedback(hitId, verdict)).toBe(answerTag);
      expect(await two.feedback(hitId, verdict)).toBe(answerTag);
    }
    expect(policy.labels.map(({ right }) => right)).toEqual([true, false]);
    await Promise.all([one.close(), two.close()]);
  });

  test('a wrong answer that has gone from the index is named all the same, for its copies elsewhere', async () => {
    const index = open();
    await learn(index, 'where is my order', 'In the post.');
    const { hitId, answerTag } = await hitOf(index, 'where is my order now');
    await db.primary.execute(sql`delete from agent_cache.ac_answer`);
    expect(await index.feedback(hitId, 'wrong')).toBe(answerTag);
    expect(await index.feedback(hitId, 'right')).toBeUndefined();
    await index.close();
  });

  test('an answer is confirmed only of a wording that is still its own', async () => {
    const index = open();
    await learn(index, 'where is my order', 'In the post.');
    const { hitId } = await hitOf(index, 'where is my order now');
    const { answerId, promptId } = hitFactsOf(hitId) as HitFacts;
    const asked = askedOf(ask('where is my order now'), 1_000) as Asked;
    const proposal = { asked, candidate: { answerId, promptId } };
    expect(await confirmed(db.primary, [proposal], clock.now())).toMatchObject([{ answerId, promptId }]);
    await index.learn(undefined, ask('how is it'), answer('Well.', clock.now()));
    const [other] = await rowsOf<{ id: number }>(db.primary, sql`select max(id) as id from agent_cache.ac_answer`);
    await db.primary.execute(
      sql`update agent_cache.ac_prompt set answer_id = ${other?.id} where id = ${promptId}::bigint`,
    );
    expect(await confirmed(db.primary, [proposal], clock.now())).toEqual([undefined]);
    await index.close();
  });

  test('an id that somebody has altered teaches nothing that lasts', async () => {
    const index = open({ policy: calibrated({ auditRate: 0 }) });
    await learn(index, 'where is my order', 'In the post.');
    const facts = hitFactsOf((await hitOf(index, 'where is my order')).hitId) as HitFacts;
    for (let round = 0; round < 30; round += 1) {
      await index.feedback(hitIdOf({ ...facts, similarity: 0.9, features: Array(13).fill(1e160) }), 'right');
    }
    expect(index.stats().wrongHits).toMatchObject({ '': { labels: 0 } });
    await index.close();
  });

  test('a wrong hit stays one when its wording is learned anew, and for its own words the wording is found', async () => {
    const index = open();
    await learn(index, 'where is my order', 'In the post.');
    const hit = await hitOf(index, 'where is my order now');
    await index.learn(undefined, ask('where is my order'), answer('In the post.', clock.now() + 1));
    expect(await index.feedback(hit.hitId, 'wrong')).toBe(hit.answerTag);
    clock.advance(61_000);
    await index.flush();
    await learn(index, 'where is my order', 'In the post.');
    expect((await index.find(ask('where is my order now'))).state).toBe('miss');
    expect((await hitOf(index, 'where is my order')).value).toBe('In the post.');
    expect((await hitOf(index, 'where is my order please')).value).toBe('In the post.');
    await index.close();
  });

  test('nor is it given by another wording of the same answer, when each is learned anew', async () => {
    const index = open({ policy: thresholdPolicy({ atLeast: 0.86 }) });
    const wordings = ['where is my order', 'where is my own old order'];
    for (const text of wordings) await learn(index, text, 'In the post.');
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([1, 2]);
    const asked = 'where is my order now';
    await index.feedback((await hitOf(index, asked)).hitId, 'wrong');
    clock.advance(61_000);
    await index.flush();
    for (const text of wordings.toReversed()) {
      await index.learn(undefined, ask(text), answer('In the post.', clock.now()));
      expect((await index.find(ask(asked))).state).toBe('miss');
    }
    await learn(index, asked, 'With you.');
    expect((await hitOf(index, asked)).value).toBe('With you.');
    await index.close();
  });

  test('a wrong answer to a stored wording goes with all its wordings', async () => {
    const index = open({ policy: thresholdPolicy({ atLeast: 0.95 }) });
    await learn(index, 'where is my order', 'In the post.');
    await learn(index, 'where is my old order', 'In the post.');
    await index.feedback((await hitOf(index, 'where is my old order')).hitId, 'wrong');
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([0, 0]);
    await index.close();
  });

  test('the queue of reviews holds sampled hits, and a verdict takes them off and counts', async () => {
    const policy = thresholdPolicy();
    const index = open({ policy, reviewRate: 1 });
    await learn(index, 'where is my order', 'In the post.');
    const hit = await hitOf(index, 'where is my order now');
    expect(await index.reviews()).toEqual([
      {
        hitId: hit.hitId,
        asked: 'where is my order now',
        matched: 'where is my order',
        similarity: hit.similarity,
        why: 'sample',
      },
    ]);
    const lines = (await index.exportReviews()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).hitId)).toEqual([hit.hitId]);
    expect(await index.resolveReview(hit.hitId, 'wrong')).toBe(hit.answerTag);
    expect(await index.reviews()).toEqual([]);
    const another = await hitOf(index, 'where is my order please');
    expect(await index.reviews()).toHaveLength(1);
    await index.feedback(another.hitId, 'right');
    expect(await index.reviews()).toEqual([]);
    expect(policy.labels).toMatchObject([
      { right: false, source: 'review' },
      { right: true, source: 'user' },
    ]);
    expect((await index.find(ask('where is my order now'))).state).toBe('miss');
    await index.close();
  });
});

describe('lives', () => {
  test('ttlMs ends what has no end of its own, and an earlier end of its own counts', async () => {
    const index = open({ ttlMs: 10_000 });
    await learn(index, 'one thing', 'a', { expiresAt: undefined });
    await learn(index, 'another matter', 'b', { expiresAt: clock.now() + 5_000 });
    expect((await hitOf(index, 'one thing')).expiresAt).toBe(clock.now() + 10_000);
    expect((await hitOf(index, 'another matter')).expiresAt).toBe(clock.now() + 5_000);
    await index.close();
  });

  test('sliding lives are extended when an answer is confirmed, not when it is hit, and never beyond maxAgeMs', async () => {
    const index = open({ ttlMs: 10_000, sliding: true, maxAgeMs: 15_000 });
    const start = clock.now();
    await learn(index, 'one thing', 'a', { expiresAt: undefined });
    clock.advance(4_000);
    const hit = await hitOf(index, 'one thing');
    await index.flush();
    expect((await hitOf(index, 'one thing')).expiresAt).toBe(start + 10_000);
    await index.feedback(hit.hitId, 'right');
    await index.flush();
    expect((await hitOf(index, 'one thing')).expiresAt).toBe(start + 14_000);
    clock.advance(4_000);
    await index.feedback((await hitOf(index, 'one thing')).hitId, 'right');
    await index.flush();
    expect((await hitOf(index, 'one thing')).expiresAt).toBe(start + 15_000);
    await index.close();
  });

  test('what has ended is removed', async () => {
    const index = open();
    await learn(index, 'one thing', 'a', { expiresAt: clock.now() + 1_000 });
    clock.advance(1_000);
    await learn(index, 'another matter', 'b');
    await index.flush();
    expect([await count('ac_answer'), await count('ac_prompt')]).toEqual([1, 1]);
    await index.close();
  });

  test('beyond maxEntries the answers go that save least: cheap, unused, doubtful', async () => {
    const index = open({ maxEntries: 3 });
    const priced = (picoUsd: bigint) => ({ cost: { picoUsd } });
    await learn(index, 'a dear question', 'dear', priced(9_000_000_000n));
    await learn(index, 'some much asked thing', 'asked', priced(1_000_000_000n));
    await learn(index, 'that cheap matter', 'cheap', priced(1_000n));
    await learn(index, 'another doubtful item', 'doubtful', priced(9_000_000_000n));
    for (let round = 0; round < 5; round += 1) await hitOf(index, 'some much asked thing');
    await index.flush();
    expect((await index.find(ask('that cheap matter'))).state).toBe('miss');
    expect(index.stats().evicted).toBe(1);
    await learn(index, 'yet one more subject', 'more', priced(2_000_000_000n));
    await index.flush();
    expect(await count('ac_prompt')).toBe(3);
    expect((await hitOf(index, 'some much asked thing')).value).toBe('asked');
    expect((await index.find(ask('yet one more subject'))).state).toBe('miss');
    await index.close();
  });

  test('a hundredth more goes than has to, so that the next ones need no look at all answers', async () => {
    const index = open({ maxEntries: 100 });
    const list = Array.from({ length: 103 }, (_, number) => `question ${number} of many`);
    await index.warm(list.map((text) => ({ question: ask(text), entry: answer(text, clock.now()) })));
    await index.flush();
    expect([await count('ac_prompt'), index.stats().evicted]).toEqual([99, 4]);
    await learn(index, 'one more', 'more');
    await index.flush();
    expect([await count('ac_prompt'), index.stats().evicted]).toEqual([100, 4]);
    await index.close();
  });
});

describe('another embedder', () => {
  test('never sees the vectors of the one before, and gives the wordings its own', async () => {
    const before = open({ embed: wordEmbedder({ id: 'before' }), policy: thresholdPolicy({ atLeast: 0.99 }) });
    for (let number = 0; number < 40; number += 1)
      await before.learn(undefined, ask(`question of number ${number} here`), answer(number, clock.now()));
    await before.close();
    clock.advance(1);
    const policy = thresholdPolicy();
    const after = open({ policy, embed: wordEmbedder({ id: 'after', dimensions: 32 }) });
    await after.find(ask('question of number 7 here please'));
    expect(policy.sights.at(-1)).toEqual([]);
    expect((await hitOf(after, 'question of number 7 here')).value).toBe(7);
    expect(await after.reembed()).toBe(40);
    expect(after.stats().reembedded).toBe(40);
    expect((await hitOf(after, 'question of number 7 here please')).value).toBe(7);
    expect(await after.reembed()).toBe(0);
    await after.close();
  });

  test('that was started before another leaves its vectors alone', async () => {
    const older = open({ embed: wordEmbedder({ id: 'older' }) });
    await learn(older, 'where is my order', 'In the post.');
    clock.advance(1);
    const newer = open({ embed: wordEmbedder({ id: 'newer' }) });
    await newer.find(ask('anything'));
    expect(await older.reembed()).toBe(0);
    expect(await newer.reembed()).toBe(1);
    expect(await older.reembed()).toBe(0);
    await Promise.all([older.close(), newer.close()]);
  });
});

describe('options that cannot be', () => {
  test.each([
    [{ sliding: true }, /"ttlMs"/],
    [{ maxAgeMs: 5 }, /"sliding"/],
    [{ maxEntries: 0 }, /"maxEntries"/],
    [{ deadlineMs: Number.NaN }, /"deadlineMs"/],
    [{ reviewRate: 2 }, /"reviewRate"/],
    [{ ttlMs: -1 }, /"ttlMs"/],
    [{ restMs: -1 }, /"restMs"/],
  ])('%o is a TypeError', (options, message) => {
    expect(() => open(options)).toThrow(TypeError);
    expect(() => open(options)).toThrow(message);
  });
});
