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

  test('an error tells no parameter', async () => {
    const failing = database.primary.execute(sql`select ${'a secret'}::text, nonsense`);
    const error = await failing.then(() => undefined, String);
    expect(error).toContain('nonsense');
    expect(error).not.toContain('secret');
  });
});
