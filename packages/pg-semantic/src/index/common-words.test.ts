import { testClock } from '@agent-cache/core-tier/testing';
import { seeded } from '@agent-cache/testkit/random';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { CommonWords } from './common-words.ts';
import { lexemesOf, rareWordsQuery } from './lexemes.ts';
import { ModelRegistry } from './model-registry.ts';
import { NearIndexes } from './near-indexes.ts';
import { semanticIndex } from './semantic-index.ts';
import { promptHashOf, spaceOf } from './space.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

let db: Database;
const clock = testClock();
const embed = wordEmbedder();
const scope = 'many wordings';
const space = spaceOf(ask('', { scope }));
const lexemeOf = (word: string): string => lexemesOf(word, space)[0] as string;
/** Every wording has the first two words, every hundredth the third. */
const common = ['subscription', 'cancelling'];
const rare = 'invoice';

beforeAll(async () => {
  db = await openTestDatabase();
  await insert(1_200);
});
afterAll(() => db.close());

/** Wordings whose vector is far from that of any text: only their words can find them. */
async function insert(count: number): Promise<void> {
  const { tenant, scopeHash } = space;
  const modelId = await new ModelRegistry(db, embed, clock.now).id();
  const random = seeded(5);
  const far = () => Float32Array.from({ length: embed.dimensions }, () => -random());
  const texts = Array.from({ length: count }, (_, n) => `${common.join(' ')} ${n % 100 === 0 ? rare : ''} number${n}`);
  const words = texts.map((text) => lexemesOf(text, space).join(' '));
  await db.primary.execute(sql`with a as (
      insert into agent_cache.ac_answer (tenant, scope_hash, category, value, tags, sources, created_at, ends_at, must_end_at)
      values (${tenant}, ${scopeHash}, '', ''::bytea, '{}', '{}', 0, 9e15::bigint, 9e15::bigint) returning id
    )
    insert into agent_cache.ac_prompt (answer_id, tenant, scope_hash, prompt, prompt_hash, words, model_id, embedding, ends_at, learned_at)
    select a.id, ${tenant}, ${scopeHash}, t.text, t.hash, array_to_tsvector(string_to_array(t.words, ' ')), ${modelId},
      t.vector, 9e15::bigint, 0
    from a, unnest(${sql.param(texts)}::text[], ${sql.param(texts.map(promptHashOf))}::bytea[], ${sql.param(words)}::text[],
      ${sql.param(texts.map(far))}::vector[]) as t(text, hash, words, vector)`);
}

/** What a server does by itself, and the embedded Postgres is told to do once it knows how much has changed. */
async function settle(): Promise<void> {
  await db.primary.execute(sql`select pg_stat_force_next_flush()`);
  if (db.kind === 'server') await db.maintain('analyze agent_cache.ac_prompt');
}

test('words of more wordings than may be read are common, as soon as Postgres knows', async () => {
  const words = new CommonWords(db);
  await settle();
  expect(words.has(lexemeOf(common[0] as string))).toBe(false);
  await words.read();
  expect([...common, rare, 'number7'].map((word) => words.has(lexemeOf(word)))).toEqual([true, true, false, false]);
  const elsewhere = spaceOf(ask('', { scope: 'another' }));
  expect(words.has(lexemesOf(common[0] as string, elsewhere)[0] as string)).toBe(false);
});

describe('the words that are looked for', () => {
  const isCommon = (lexeme: string): boolean => common.some((word) => lexeme === lexemeOf(word));
  const query = (text: string) => rareWordsQuery(text, space, isCommon)?.replaceAll(/'[0-9a-f]{16}|'/g, '');

  test.each([
    ['the longest two', 'open invoices gladly', 'invoices & gladly'],
    ['one of them common', 'open invoice of subscription', 'invoice & subscription'],
    ['both common: the longest other word stands in', 'cancelling a subscription in ten days', 'days & subscription'],
    ['nothing but common words', 'subscription cancelling', undefined],
    ['one word', 'invoice', 'invoice'],
    ['one word, and it is common', 'subscription', undefined],
    ['no word', '?!', undefined],
  ])('%s', (_, text, words) => expect(query(text)).toBe(words));
});

test('an index in use leaves common words alone, and still finds what shares a rare one', async () => {
  const policy = thresholdPolicy();
  const nearIndexes = new NearIndexes(db, embed, new ModelRegistry(db, embed, clock.now), { scannedUpTo: -1 });
  nearIndexes.grew(space);
  await nearIndexes.build();
  const index = semanticIndex({ db, embed, policy, guards: notGuard, now: clock.now, deadlineMs: 5_000 });
  for (let number = 0; number < 8; number += 1) {
    await index.learn(undefined, ask(`my wish is ${number}`, { scope }), answer('x', clock.now()));
  }
  const foundByWords = async (text: string): Promise<string[]> => {
    await index.find(ask(text, { scope }));
    return (policy.sights.at(-1) ?? [])
      .map((candidate) => candidate.text)
      .filter((each) => !each.startsWith('my wish'));
  };
  expect(await foundByWords('my wish is cancelling a subscription')).not.toEqual([]);
  await settle();
  await index.flush();
  expect(await foundByWords('my wish is cancelling a subscription')).toEqual([]);
  const withInvoice = await foundByWords('my wish is cancelling the invoice of a subscription');
  expect(withInvoice).not.toEqual([]);
  expect(withInvoice.every((text) => text.includes(rare))).toBe(true);
  await index.close();
});
