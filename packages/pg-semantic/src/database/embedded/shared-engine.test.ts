import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@agent-cache/core-tier/testing';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { tryClaim } from './claim.ts';
import { EmbeddedConnection } from './embedded-connection.ts';
import { placesIn, socketFor } from './places.ts';
import { type SharedEngine, sharedEngine } from './shared-engine.ts';
import { freshDirectory, preparedDirectory } from './test-directory.ts';

/** Other tests may be busy with the same processors. */
const patient = { withinMs: 30_000 };
let directory: string;
beforeAll(async () => {
  directory = await preparedDirectory();
  // What a process left half made when it was killed is no database, and in nobody's way.
  mkdirSync(placesIn(directory).draft);
});

async function open(): Promise<{ engine: SharedEngine; connection: EmbeddedConnection }> {
  const engine = await sharedEngine(directory);
  onTestFinished(() => engine.close());
  return { engine, connection: new EmbeddedConnection(engine, 60_000) };
}

test('two that open one directory share it; when the first closes, the second takes over and has lost nothing', async () => {
  const [first, second] = [await open(), await open()];
  expect([first.engine.isOwner, second.engine.isOwner]).toEqual([true, false]);
  expect((statSync(join(directory, 'owner.sock')).mode & 0o777).toString(8)).toBe('600');
  expect((statSync(directory).mode & 0o777).toString(8)).toBe('700');
  await first.connection.script('create table shared (a int); insert into shared values (1)');
  expect(await second.connection.query('select a from shared', [], true)).toEqual([[1]]);

  const told: string[] = [];
  const stop = second.connection.listen('news', {
    note: (text) => told.push(text),
    up: () => told.push('up'),
    down: () => told.push('down'),
  });
  await eventually('the second listens', () => told.includes('up'), patient);
  await first.connection.query("select pg_notify('news', 'one')", [], true);
  await eventually('the note is heard', () => told.includes('one'), patient);

  const asked = Array.from({ length: 20 }, () => second.connection.query('select a from shared', [], true));
  await first.connection.close();
  expect(await Promise.all(asked)).toEqual(asked.map(() => [[1]]));
  expect(await second.connection.query('select a from shared', [], true)).toEqual([[1]]);
  expect(second.engine.isOwner).toBe(true);
  await expect(first.connection.query('select 1', [], true)).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_CLOSED' });

  await eventually('the second listens again', () => told.join() === 'up,one,down,up', patient);
  await second.connection.query("select pg_notify('news', 'two')", [], true);
  await eventually('the note is heard', () => told.at(-1) === 'two', patient);
  stop();
}, 60_000);

test('a claim is one process’s, until it is given back', () => {
  const lock = join(freshDirectory(), 'lock');
  const claim = tryClaim(lock);
  expect(claim).toBeDefined();
  expect(tryClaim(lock)).toBe(undefined);
  claim?.release();
  const again = tryClaim(lock);
  expect(again).toBeDefined();
  again?.release();
});

test('a damaged directory is refused with its name, and nothing in it is deleted', async () => {
  const directory = freshDirectory();
  const { data } = placesIn(directory);
  mkdirSync(join(data, 'base'), { recursive: true });
  writeFileSync(join(data, 'PG_VERSION'), 'nonsense');
  writeFileSync(join(data, 'base', 'precious'), 'data');
  await expect(sharedEngine(directory)).rejects.toMatchObject({
    code: 'ERR_PG_SEMANTIC_DIRECTORY',
    message: expect.stringContaining(directory),
  });
  expect(existsSync(join(data, 'base', 'precious'))).toBe(true);
  const claim = tryClaim(placesIn(directory).lock);
  expect(claim).toBeDefined();
  claim?.release();
});

test('a path that is no directory is refused with the reason', async () => {
  const file = join(freshDirectory(), 'file');
  writeFileSync(file, '');
  await expect(sharedEngine(file)).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_DIRECTORY' });
  await expect(sharedEngine(join(file, 'below'))).rejects.toMatchObject({ code: 'ERR_PG_SEMANTIC_DIRECTORY' });
});

test('a directory whose path is too long for a socket is served from the temporary one', async () => {
  const long = join(freshDirectory(), 'd'.repeat(120));
  mkdirSync(long);
  const socket = socketFor(long);
  expect(Buffer.byteLength(socket)).toBeLessThan(104);
  expect((statSync(join(socket, '..')).mode & 0o777).toString(8)).toBe('700');
  expect(socketFor(long)).toBe(socket);
  expect(socketFor(long, 'win32')).toMatch(/^\\\\\.\\pipe\\agent-cache-[0-9a-f]+$/);
  expect(readdirSync(long)).toEqual([]);
});
