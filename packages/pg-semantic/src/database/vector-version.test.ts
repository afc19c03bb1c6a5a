import { channels } from '@agent-cache/core-tier';
import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from './connection.ts';
import { PostgresError } from './errors.ts';
import { checkedVectorVersion, isBefore } from './vector-version.ts';

/** A database in which pgvector has this version, or cannot be created. */
function having(version: string | undefined): Connection {
  const no = async (): Promise<never> => {
    throw new PostgresError('ERR_PG_SEMANTIC_STATEMENT', 'extension "vector" is not available');
  };
  const query = async (): Promise<readonly [string][]> => (version === undefined ? [] : [[version]]);
  return { query, script: no, transaction: no, maintain: no, listen: () => () => undefined, close: no };
}

test('versions are compared by their numbers', () => {
  expect(['0.7.4', '0.8', '0.8.0', '0.8.3', '0.10.0', '1.0'].map((version) => isBefore(version, '0.8.1'))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a database without pgvector is refused with the way to get it', async () => {
  await expect(checkedVectorVersion(having(undefined))).rejects.toMatchObject({
    code: 'ERR_PG_SEMANTIC_NO_VECTOR',
    message: expect.stringContaining('CREATE EXTENSION vector'),
  });
});

test('a pgvector without iterative scans is refused', async () => {
  await expect(checkedVectorVersion(having('0.7.4'))).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_OLD_VECTOR' });
});

test('a pgvector with known faults is used, with a warning', async () => {
  const codes: string[] = [];
  const listener = ({ code }: { code: string }): unknown => codes.push(code);
  channels.error.subscribe(listener);
  onTestFinished(() => channels.error.unsubscribe(listener));
  expect(await checkedVectorVersion(having('0.8.4'))).toBe('0.8.4');
  expect(codes).toEqual([]);
  expect(await checkedVectorVersion(having('0.8.0'))).toBe('0.8.0');
  expect(codes).toEqual(['ERR_PG_SEMANTIC_OLD_VECTOR']);
});
