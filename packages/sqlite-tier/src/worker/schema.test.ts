import type { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { freshFile } from '../test-files.ts';
import { createSchema, ownershipOf } from './schema.ts';
import { sqlite } from './sqlite.ts';

test('a file that another process lays out between two looks at it is ours, not of another program', () => {
  const file = freshFile();
  const [database, other] = [new sqlite.DatabaseSync(file), new sqlite.DatabaseSync(file)];
  let looks = 0;
  const watched = {
    prepare: (text: string) => {
      const statement = database.prepare(text);
      return {
        get: () => {
          const row = statement.get();
          looks += 1;
          if (looks === 1) createSchema(other, 'generation');
          return row;
        },
      };
    },
  };
  // All of a database that is looked at.
  expect(ownershipOf(watched as unknown as DatabaseSync)).toBe('ours');
  expect(looks).toBeGreaterThan(1);
  database.close();
  other.close();
});
