import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Change, channels, type ErrorMessage, type EvictMessage } from '@agent-cache/core-tier';
import { eventually } from '@agent-cache/core-tier/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SqliteTier, SqliteTierError, sqliteTier } from './index.ts';
import { freshFile } from './test-files.ts';
import { startProcess } from './test-processes.ts';

const entry = { value: 1, createdAt: 1 };

function open(file: string): SqliteTier {
  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  return tier;
}

function errors(): ErrorMessage[] {
  const heard: ErrorMessage[] = [];
  const hear = (message: ErrorMessage): void => void heard.push(message);
  channels.error.subscribe(hear);
  onTestFinished(() => channels.error.unsubscribe(hear));
  return heard;
}

function setAside(file: string): string[] {
  return readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.corrupt-`));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!SqliteTierError.isInstance(error))
    throw new Error(`should have been refused with a SqliteTierError, not ${error}`);
  return error.code;
}

describe('the file', () => {
  test('is made with its directory, for its owner only, as are the files beside it', async () => {
    const file = join(dirname(freshFile()), 'deep', 'down', 'cache.db');
    await open(file).set('key', entry);
    const modes = readdirSync(dirname(file)).map((name) => [name, statSync(join(dirname(file), name)).mode & 0o777]);
    expect(new Map(modes as [string, number][])).toEqual(
      new Map(['cache.db', 'cache.db-wal', 'cache.db-shm', 'cache.db.lock'].map((name) => [name, 0o600])),
    );
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('that others could read is closed to them', async () => {
    const file = freshFile();
    writeFileSync(file, '', { mode: 0o644 });
    await open(file).set('key', entry);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps everything when the tier is closed and opened again', async () => {
    const file = freshFile();
    const first = open(file);
    const epoch = await first.tags.bump(['t']);
    await first.set('key', { ...entry, tags: ['t'], epoch });
    await first.records.write('owner', { append: ['item'] });
    await first.close();
    const second = open(file);
    expect(await second.get('key')).toEqual({ ...entry, tags: ['t'], epoch });
    expect(await second.tags.epoch()).toEqual(epoch);
    expect((await second.records.read('owner'))?.items).toEqual(['item']);
    expect(second.stats().entries).toBe(1);
  });

  test('of another program is left alone', async () => {
    const file = freshFile();
    const theirs = new DatabaseSync(file);
    theirs.exec('CREATE TABLE orders (id)');
    theirs.close();
    const before = readFileSync(file);
    const heard = errors();
    expect(await codeOf(open(file).get('key'))).toBe('ERR_SQLITE_TIER_FOREIGN');
    expect(readFileSync(file)).toEqual(before);
    expect(heard.map(({ code, tier }) => [code, tier])).toEqual([['ERR_SQLITE_TIER_FOREIGN', 'sqlite']]);
  });

  test('of a later release is left alone', async () => {
    const file = freshFile();
    const first = open(file);
    await first.set('key', entry);
    await first.close();
    const later = new DatabaseSync(file);
    later.exec('PRAGMA user_version = 2');
    later.close();
    expect(await codeOf(open(file).get('key'))).toBe('ERR_SQLITE_TIER_SCHEMA');
    expect(setAside(file)).toEqual([]);
  });

  test('that cannot be made is an event once, and every operation is refused', async () => {
    const directory = dirname(freshFile());
    writeFileSync(join(directory, 'taken'), '');
    const heard = errors();
    const tier = open(join(directory, 'taken', 'cache.db'));
    expect(await codeOf(tier.get('key'))).toBe('ERR_SQLITE_TIER_UNUSABLE');
    expect(await codeOf(tier.set('key', entry))).toBe('ERR_SQLITE_TIER_UNUSABLE');
    expect(await codeOf(tier.claim('key', { leaseMs: 1_000 }))).toBe('ERR_SQLITE_TIER_UNUSABLE');
    expect(heard.map(({ code }) => code)).toEqual(['ERR_SQLITE_TIER_UNUSABLE']);
  });

  test('that is a directory is refused too', async () => {
    const file = freshFile();
    mkdirSync(file);
    expect(await codeOf(open(file).get('key'))).toMatch(/^ERR_SQLITE_TIER_(UNUSABLE|FAILED)$/);
  });

  test('that is removed under a running tier is made anew, and listeners are told', async () => {
    const file = freshFile();
    const tier = open(file);
    await tier.set('key', entry);
    const heard: Change[] = [];
    tier.onChange((change) => heard.push(change));
    await tier.get('key');
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix);
    expect(await tier.get('key')).toBe(undefined);
    expect(await tier.set('key', entry)).toBe(true);
    expect(heard).toContain('all');
    expect(existsSync(file)).toBe(true);
  });
});

describe('damage', () => {
  test('a file that is no database is set aside with an event, and a fresh one is started', async () => {
    const file = freshFile();
    writeFileSync(file, 'no database '.repeat(1_000));
    const heard = errors();
    const tier = open(file);
    expect(await tier.get('key')).toBe(undefined);
    expect(await tier.set('key', entry)).toBe(true);
    expect(await tier.get('key')).toEqual(entry);
    expect(setAside(file).length).toBe(1);
    expect(readFileSync(join(dirname(file), setAside(file)[0] ?? ''), 'utf8')).toMatch(/^no database/);
    await eventually('the event', () => heard.some(({ code }) => code === 'ERR_SQLITE_TIER_CORRUPT'));
  });

  test('that shows later is handled in the same way, and the authority starts a new generation', async () => {
    const file = freshFile();
    const first = open(file);
    for (let index = 0; index < 200; index += 1) void first.set(`key:${index}`, { ...entry, value: 'x'.repeat(1_000) });
    const epoch = await first.tags.epoch();
    await first.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4_096);
    writeFileSync(file, bytes);
    const tier = open(file);
    expect(await tier.get('key:7')).toBe(undefined);
    expect(await tier.set('key', entry)).toBe(true);
    expect((await tier.tags.epoch()).generation).not.toBe(epoch.generation);
    expect(setAside(file).length).toBe(1);
  });

  test('is set aside once by several processes, which then share the fresh file', async () => {
    const file = freshFile();
    writeFileSync(file, 'no database '.repeat(1_000));
    const [one, other] = await Promise.all([startProcess(file), startProcess(file)]);
    expect(setAside(file).length).toBe(1);
    await one.ask({ do: 'set', key: 'key', value: 'shared' });
    expect(await other.ask({ do: 'get', key: 'key' })).toBe('shared');
  });

  test('of one value is a miss, the row goes and its eviction is told', async () => {
    const file = freshFile();
    const first = open(file);
    await first.set('key', entry);
    await first.set('whole', entry);
    await first.close();
    const database = new DatabaseSync(file);
    database.exec("UPDATE entries SET data = x'ff0f4902' WHERE key = 'key'");
    database.close();
    const heard: EvictMessage[] = [];
    const hear = (message: EvictMessage): void => void heard.push(message);
    channels.evict.subscribe(hear);
    onTestFinished(() => channels.evict.unsubscribe(hear));
    const tier = open(file);
    expect(await tier.get('key')).toBe(undefined);
    expect(await tier.get('whole')).toEqual(entry);
    await eventually('the eviction is told', () => heard.length > 0);
    expect(heard).toEqual([{ tier: 'sqlite', key: 'key', bytes: 4, reason: 'corrupt' }]);
    expect(tier.stats().entries).toBe(1);
  });
});

describe('values', () => {
  test('that cannot be stored are refused by name', async () => {
    const tier = open(freshFile());
    expect(await codeOf(tier.set('key', { ...entry, value: () => 1 }))).toBe('ERR_SQLITE_TIER_UNSTORABLE');
  });

  test('of a format that this Node.js cannot read are misses, and can be computed anew', async () => {
    const file = freshFile();
    const first = open(file);
    await first.set('key', entry);
    await first.close();
    const { crc32 } = await import('node:zlib');
    const bytes = Buffer.from('fffe4902', 'hex');
    const database = new DatabaseSync(file);
    database.prepare("UPDATE entries SET data = ?, checksum = ? WHERE key = 'key'").run(bytes, crc32(bytes));
    database.close();
    const heard = errors();
    const tier = open(file);
    expect(await tier.get('key')).toBe(undefined);
    expect(heard.map(({ code, key }) => [code, key])).toEqual([['ERR_SQLITE_TIER_UNREADABLE', 'key']]);
    expect((await tier.claim('key', { leaseMs: 1_000 })).state).toBe('lease');
  });

  test('under keys that are no well-formed text stay apart', async () => {
    const tier = open(freshFile());
    await tier.set('\ud800', { ...entry, value: 'high' });
    await tier.set('\ud801', { ...entry, value: 'higher' });
    expect((await tier.get('\ud800'))?.value).toBe('high');
    expect((await tier.get('\ufffd'))?.value).toBe(undefined);
  });
});

describe('closing', () => {
  test('refuses what comes after it', async () => {
    const tier = open(freshFile());
    await tier.close();
    expect(await codeOf(tier.get('key'))).toBe('ERR_SQLITE_TIER_CLOSED');
  });

  test('waits for what came before it', async () => {
    const file = freshFile();
    const tier = open(file);
    void tier.set('key', entry);
    await tier.close();
    expect(await open(file).get('key')).toEqual(entry);
  });

  test('ends waits as if the lease had ended without an entry', async () => {
    const tier = open(freshFile());
    await tier.claim('key', { leaseMs: 60_000 });
    const claim = await tier.claim('key', { leaseMs: 60_000 });
    const settled = claim.state === 'wait' ? claim.settled : undefined;
    await tier.close();
    expect(await settled).toBe(undefined);
  });
});
