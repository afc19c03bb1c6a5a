import { statSync } from 'node:fs';
import { testClock } from '@agent-cache/core-tier/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type SqliteTier, sqliteTier } from './index.ts';
import { freshFile } from './test-files.ts';

const maxBytes = 2 * 1024 * 1024;

function open(file: string, now?: () => number): SqliteTier {
  const tier = sqliteTier({ file, maxBytes, ...(now && { now }) });
  onTestFinished(() => tier.close());
  return tier;
}

const large = (value: unknown): { readonly value: unknown; readonly createdAt: number } => ({
  value: [value, new Uint8Array(20_000)],
  createdAt: 1,
});

test('the file stays within maxBytes, and what was written last stays', async () => {
  const file = freshFile();
  const tier = open(file);
  for (let index = 0; index < 400; index += 1) await tier.set(`key:${index}`, large(index));
  const { bytes, entries, evictions } = tier.stats();
  expect(bytes).toBeLessThanOrEqual(maxBytes);
  expect(entries + evictions).toBe(400);
  expect(await tier.get('key:0')).toBe(undefined);
  expect(await tier.get('key:399')).toEqual(large(399));
  await tier.close();
  expect(statSync(file).size).toBeLessThanOrEqual(maxBytes * 1.2);
});

test('what is read stays longer than what is not', async () => {
  const clock = testClock();
  const tier = open(freshFile(), clock.now);
  for (let index = 0; index < 300; index += 1) {
    clock.advance(10);
    await tier.set(`key:${index}`, large(index));
    expect(await tier.get('key:0'), `after ${index} writes`).toEqual(large(0));
  }
  expect(await tier.get('key:1')).toBe(undefined);
});

test('what has ended goes before what has not', async () => {
  const clock = testClock();
  const tier = open(freshFile(), clock.now);
  for (let index = 0; index < 40; index += 1) await tier.set(`kept:${index}`, large(index));
  for (let index = 0; index < 40; index += 1) {
    await tier.set(`short:${index}`, { ...large(index), expiresAt: clock.now() + 1_000 });
  }
  clock.advance(1_000);
  for (let index = 0; index < 40; index += 1) await tier.set(`new:${index}`, large(index));
  const kept = await tier.getMany(Array.from({ length: 40 }, (_, index) => `kept:${index}`));
  expect(kept.filter((entry) => entry === undefined)).toEqual([]);
});

test('a value larger than half of maxBytes is not stored', async () => {
  const tier = open(freshFile());
  expect(await tier.set('key', { value: new Uint8Array(maxBytes), createdAt: 1 })).toBe(false);
  expect(await tier.get('key')).toBe(undefined);
});

test('the records of owners that ended are removed', async () => {
  const clock = testClock();
  const tier = open(freshFile(), clock.now);
  await tier.records.write('owner', { append: [new Uint8Array(500_000)], slideMs: 1_000 });
  const before = tier.stats().bytes;
  clock.advance(60_000);
  await tier.set('key', { value: 1, createdAt: 1 });
  expect(tier.stats().bytes).toBeLessThan(before - 400_000);
});

test('deletes that are forgotten refuse what began before them', async () => {
  const clock = testClock();
  const tier = open(freshFile(), clock.now);
  await tier.set('key', { value: 1, createdAt: 1 });
  const epoch = await tier.tags.epoch();
  await tier.delete('other');
  clock.advance(2 * 3_600_000);
  await tier.set('key', { value: 2, createdAt: 1 });
  expect(await tier.set('late', { value: 3, createdAt: 1, epoch }, { ifEpoch: epoch })).toBe(false);
  const now = await tier.tags.epoch();
  expect(await tier.set('fresh', { value: 3, createdAt: 1, epoch: now }, { ifEpoch: now })).toBe(true);
});

test('a log of many changes does not push the entries out of a small file', async () => {
  const tier = open(freshFile());
  for (let index = 0; index < 20; index += 1) await tier.set(`kept:${index}`, large(index));
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 500 }, () => tier.set('often', { value: round, createdAt: 1 })));
    await Promise.all(Array.from({ length: 100 }, (_, index) => tier.tags.bump([`tag:${round}:${index}`])));
  }
  const kept = await tier.getMany(Array.from({ length: 20 }, (_, index) => `kept:${index}`));
  expect(kept.filter((entry) => entry === undefined)).toEqual([]);
});
