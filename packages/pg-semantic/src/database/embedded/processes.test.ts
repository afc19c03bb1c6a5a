import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { EmbeddedConnection } from './embedded-connection.ts';
import { sharedEngine } from './shared-engine.ts';
import { type Child, startChild } from './test-children.ts';
import { preparedDirectory } from './test-directory.ts';
import { ownersAmong, takeOver } from './test-takeover.ts';

const processes = 4;
// A thousand rows, six processes and three kills are in takeover.bench.ts; each kill is a second of somebody else's start.
const rows = 300;
const kills = [60];

let directory: string;
let children: readonly Child[];
beforeAll(async () => {
  directory = await preparedDirectory();
  children = Array.from({ length: processes }, startChild);
  await Promise.all(children.map((child) => child.order({ does: 'open', directory }, 'open')));
}, 60_000);
afterAll(() => Promise.all(children.map((child) => child.kill())));

/** Not while owners are killed: it could be this process that takes over. */
async function open(): Promise<EmbeddedConnection> {
  const connection = new EmbeddedConnection(await sharedEngine(directory), 60_000);
  onTestFinished(() => connection.close());
  return connection;
}

test('a transaction of a process that is killed is rolled back, and others go on', async () => {
  const connection = await open();
  const owners = await ownersAmong(children);
  expect(owners).toHaveLength(1);
  const guest = children.find((child) => !owners.includes(child));
  await guest?.order({ does: 'begin and hang' }, 'done');
  const waiting = connection.query('select count(*)::int from kept', [], true);
  await guest?.kill();
  expect(await waiting).toEqual([[0]]);
}, 60_000);

test('an owner that is killed while others insert loses nothing acknowledged, and one of them takes over', async () => {
  const { kept, failed, owners } = await takeOver(
    children.filter((child) => child.isAlive),
    { rows, kills },
  );
  expect(owners).toEqual([1, 1]);
  expect(kept.length).toBeGreaterThan(rows / 2);
  const connection = await open();
  const found = new Set((await connection.query('select row from kept', [], true)).map((row) => (row as [number])[0]));
  expect(kept.filter((row) => !found.has(row))).toEqual([]);
  // What was in flight when an owner died is told as such, and is the only thing that failed.
  expect(failed.every(({ code, retriable }) => code === 'ERR_PG_SEMANTIC_INTERRUPTED' && retriable)).toBe(true);
  expect(failed.length).toBeLessThanOrEqual(kills.length * processes);
}, 60_000);
