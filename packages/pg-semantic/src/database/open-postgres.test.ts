import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { openTestDatabase } from './test-database.ts';

describe('a database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  test('hands out the same values, whichever kind it is', async () => {
    const rows = await database.primary.execute(sql`
      select 1 as small, 12345678901::int8 as big, 9007199254740993::int8 as huge, ${new Uint8Array([1, 255])}::bytea as bytes,
        ${sql.param(['x', 'y"z\\', ''])}::text[] as texts, ${sql.param([new Uint8Array([7])])}::bytea[] as blobs,
        ${sql.param(new Float32Array([0.5, 2]))}::vector as vector, ${true}::boolean as yes,
        ${JSON.stringify({ y: [2] })}::jsonb as json, ${12345678901234567890n}::numeric as number`);
    expect([...(rows as unknown as unknown[])]).toEqual([
      {
        small: 1,
        big: 12345678901,
        huge: 9007199254740993n,
        bytes: new Uint8Array([1, 255]),
        texts: ['x', 'y"z\\', ''],
        blobs: [new Uint8Array([7])],
        vector: '[0.5,2]',
        yes: true,
        json: { y: [2] },
        number: '12345678901234567890',
      },
    ]);
  });

  test('commits a transaction, and rolls a nested one back alone', async () => {
    await database.primary.execute(sql`create table kept (a int)`);
    await database.primary.transaction(async (outer) => {
      await outer.execute(sql`insert into kept values (1)`);
      const inner = outer.transaction(async (nested) => {
        await nested.execute(sql`insert into kept values (2)`);
        nested.rollback();
      });
      await expect(inner).rejects.toThrow('Rollback');
    });
    expect(Array.from((await database.primary.execute(sql`select a from kept`)) as never)).toEqual([{ a: 1 }]);
  });

  test('a statement goes on when its table gets another column, and when it failed before', async () => {
    const run = async (text: string): Promise<unknown[]> => Array.from((await database.primary.execute(text)) as never);
    await expect(run('select * from changing')).rejects.toThrow('changing');
    await run('create table changing (a int)');
    await run('insert into changing values (1)');
    expect(await run('select * from changing')).toEqual([{ a: 1 }]);
    await run('alter table changing add column b text');
    expect(await run('select * from changing')).toEqual([{ a: 1, b: null }]);
    const within = database.primary.transaction(async (inner) => {
      await inner.execute('alter table changing add column c text');
      return Array.from((await inner.execute('select * from changing')) as never);
    });
    // A transaction on a server may have a connection that has not prepared it.
    const outcome = await within.catch(String);
    expect(outcome).toEqual(database.kind === 'embedded' ? expect.stringContaining('cached plan') : expect.anything());
  });

  test('statements of one transaction may be asked for at the same time, and their number has no limit', async () => {
    const numbers = Array.from({ length: 150 }, (_, number) => number);
    const answers = await database.primary.transaction((inner) =>
      Promise.all(
        numbers.map(async (number) => Array.from((await inner.execute(`select ${number} as n`)) as never)[0]),
      ),
    );
    expect(answers).toEqual(numbers.map((n) => ({ n })));
    const kept = await database.primary.execute('select count(*)::int as n from pg_prepared_statements');
    if (database.kind === 'embedded') expect(Array.from(kept as never)).toEqual([{ n: 100 }]);
  });

  test('an error tells no parameter', async () => {
    const failing = database.primary.execute(sql`select ${'a secret'}::text, nonsense`);
    const error = await failing.then(() => undefined, String);
    expect(error).toContain('nonsense');
    expect(error).not.toContain('secret');
  });
});
