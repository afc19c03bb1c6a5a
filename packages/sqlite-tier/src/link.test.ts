import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Change } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type SqliteTier, SqliteTierError, type SqliteTierOptions, sqliteTier } from './index.ts';
import { freshFile } from './test-files.ts';
import { returnThread, takeThread } from './worker-threads.ts';

function open(options: SqliteTierOptions): SqliteTier {
  const tier = sqliteTier(options);
  onTestFinished(() => tier.close());
  return tier;
}

test('while the file is out of reach listeners are unsure, and in step again once it is back', async () => {
  const file = freshFile();
  const tier = open({ file, heartbeatMs: 500 });
  const heard: Change[] = [];
  tier.onChange((change) => heard.push(change));
  await tier.get('key');
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix);
  mkdirSync(file);
  await eventually('doubt', () => heard.includes('unsure'));
  rmdirSync(file);
  await eventually('certainty', () => heard.includes('in-step'));
  expect(heard).toEqual(['unsure', 'all', 'in-step']);
});

test('a thread that dies is replaced: what it had not answered fails, listeners drop all, and work goes on', async () => {
  const thread = takeThread();
  await returnThread(thread);
  const tier = open({ file: freshFile() });
  await tier.set('key', { value: 1, createdAt: 1 });
  const heard: Change[] = [];
  tier.onChange((change) => heard.push(change));
  await tier.claim('other', { leaseMs: 60_000 });
  const claim = await tier.claim('other', { leaseMs: 60_000 });
  const settled = claim.state === 'wait' ? claim.settled : undefined;
  await thread.terminate();
  expect(await settled).toBe(undefined);
  const error = await tier.get('key').catch((reason: unknown) => reason);
  expect(SqliteTierError.isInstance(error) && error.code).toBe('ERR_SQLITE_TIER_WORKER');
  await eventually('certainty', () => heard.includes('in-step'));
  expect(heard).toEqual(['unsure', 'all', 'in-step']);
  expect((await tier.get('key'))?.value).toBe(1);
});

test('writes beyond 128 MiB that wait for the disk are refused, and those before them are kept', async () => {
  const file = freshFile();
  const tier = open({ file });
  await tier.get('key');
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const value = new Uint8Array(30 * 1024 * 1024);
  const writes = Array.from({ length: 5 }, (_, index) => tier.set(`key:${index}`, { value, createdAt: 1 }));
  const error = await writes[4]?.catch((reason: unknown) => reason);
  expect(SqliteTierError.isInstance(error) && error.code).toBe('ERR_SQLITE_TIER_OVERLOADED');
  other.exec('COMMIT');
  expect(await Promise.all(writes.slice(0, 4))).toEqual([true, true, true, true]);
});

test('a key that cannot be sent fails alone', async () => {
  const tier = open({ file: freshFile() });
  const good = tier.set('key', { value: 1, createdAt: 1 });
  const bad = tier.get(Symbol('key') as unknown as string);
  const odd = tier.get({} as unknown as string);
  await expect(bad).rejects.toThrow(/keys and tags are strings/);
  await expect(odd).rejects.toThrow(SqliteTierError);
  expect(await good).toBe(true);
});
