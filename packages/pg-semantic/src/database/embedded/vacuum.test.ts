import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsOf } from '../../index/rows.ts';
import type { Row } from '../connection.ts';
import type { Database } from '../database.ts';
import { openTestDatabase } from '../test-database.ts';
import { type Talk, vacuum } from './vacuum.ts';

let db: Database;
const said: string[] = [];
const talk: Talk = {
  query: (text) => rowsOf<Row>(db.primary, sql.raw(text)),
  script: async (text) => {
    said.push(text);
    await db.maintain(text);
  },
};
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

async function sizeOf(table: string): Promise<number> {
  const [row] = await rowsOf<{ size: number }>(db.primary, sql`select pg_relation_size(${table}::regclass) as size`);
  return Number(row?.size);
}

test('rows that have gone make room for new ones, in tables with a vector index too', async () => {
  const tables = ['plain', 'near', 'quiet'];
  for (const table of tables) {
    await db.maintain(`create table ${table} (id int primary key, v vector(2), filler text)`);
    await db.maintain(`alter table ${table} set (autovacuum_enabled = off)`);
  }
  await db.maintain('create index on near using hnsw (v vector_l2_ops)');
  const fill = (table: string, round: number): Promise<unknown> =>
    talk.query(
      `insert into ${table} select ${round} * 100 + n, array[n, ${round}], repeat('x', 1000) from generate_series(1, 100) n`,
    );
  for (const table of tables) await fill(table, 0);
  const sizes = [await sizeOf('plain'), await sizeOf('near')];
  for (let round = 1; round <= 3; round += 1) {
    for (const table of ['plain', 'near']) await talk.query(`delete from ${table}`);
    await talk.query('select pg_stat_force_next_flush()');
    said.length = 0;
    await vacuum(talk, 50);
    expect(said.toSorted()).toEqual(['vacuum (index_cleanup off) near', 'vacuum plain']);
    for (const table of ['plain', 'near']) await fill(table, round);
  }
  const grown = [(await sizeOf('plain')) / (sizes[0] as number), (await sizeOf('near')) / (sizes[1] as number)];
  expect(Math.max(...grown)).toBeLessThan(1.5);
  expect(await talk.query("select id from near order by v <-> '[7,3]' limit 1")).toEqual([{ id: 307 }]);
});

test('indexes of a table with a vector index are made anew when four fifths of them have gone', async () => {
  await db.maintain('create table worn (id int generated always as identity primary key, v vector(3), word text)');
  await db.maintain('alter table worn set (autovacuum_enabled = off)');
  await db.maintain('create index worn_v on worn using hnsw (v vector_l2_ops)');
  const turnOver = async (round: number): Promise<number> => {
    await talk.query('delete from worn');
    await talk.query(
      `insert into worn (v, word) select array[n, ${round}, n % 7], 'word ' || n from generate_series(1, 1000) n`,
    );
    await talk.query('select pg_stat_force_next_flush()');
    said.length = 0;
    await vacuum(talk, 50);
    return sizeOf('worn_v');
  };
  const fresh = await turnOver(0);
  for (let round = 1; round < 4; round += 1) await turnOver(round);
  expect(said).toEqual(['vacuum (index_cleanup off) worn']);
  expect(await sizeOf('worn_v')).toBeGreaterThan(3 * fresh);
  expect(await turnOver(4)).toBeLessThan(1.2 * fresh);
  const [first, ...others] = said;
  expect([first, others.pop(), others.toSorted()]).toEqual([
    'vacuum (index_cleanup off) worn',
    'vacuum (index_cleanup on) worn',
    ['reindex index worn_pkey', 'reindex index worn_v'],
  ]);
  expect(await talk.query("select word from worn order by v <-> '[7,4,0]' limit 1")).toEqual([{ word: 'word 7' }]);
  await turnOver(5);
  expect(said).toEqual(['vacuum (index_cleanup off) worn']);
}, 60_000);
