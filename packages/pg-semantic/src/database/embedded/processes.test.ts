import { eventually } from '@agent-cache/core-tier/testing';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { EmbeddedConnection } from './embedded-connection.ts';
import { sharedEngine } from './shared-engine.ts';
import { type Child, startChild } from './test-children.ts';
import { preparedDirectory } from './test-directory.ts';

/** Other tests may be busy with the same processors. */
const patient = { withinMs: 30_000 };
let directory: string;
beforeAll(async () => {
  directory = await preparedDirectory();
});

const processes = 6;
const rows = 1_000;

async function open(): Promise<EmbeddedConnection> {
  const connection = new EmbeddedConnection(await sharedEngine(directory), 60_000);
  onTestFinished(() => connection.close());
  return connection;
}

async function ownersAmong(children: readonly Child[]): Promise<readonly Child[]> {
  const answers = await Promise.all(children.map((child) => child.order({ does: 'who owns' }, 'owner')));
  return children.filter((_, index) => answers[index]?.owner === true);
}

test('six processes share a directory: the owner killed three times in 1,000 inserts loses nothing acknowledged', async () => {
  const children = Array.from({ length: processes }, startChild);
  await Promise.all(children.map((child) => child.order({ does: 'open', directory }, 'open')));
  const [first] = await ownersAmong(children);

  const kept: number[] = [];
  const failed: { code: string; retriable: boolean }[] = [];
  const done = new Set<Child>();
  for (const [index, child] of children.entries()) {
    child.onNews((news) => {
      if (news.is === 'kept') kept.push(news.row);
      if (news.is === 'failed') failed.push(news);
    });
    const count = Math.ceil(rows / processes);
    void child.order({ does: 'insert', from: index * count, count }, 'done').then(() => done.add(child));
  }

  let owner = first as Child;
  for (const enough of [100, 250, 400]) {
    await eventually(`${enough} rows are acknowledged`, () => kept.length >= enough, patient);
    await owner.kill();
    const living = children.filter((child) => child.isAlive);
    const owners = await eventually(
      'another process takes over',
      async () => {
        const found = await ownersAmong(living);
        return found.length > 0 && found;
      },
      patient,
    );
    expect(owners).toHaveLength(1);
    owner = owners[0] as Child;
  }
  await eventually('the rest is done', () => done.size === processes - 3, patient);
  expect(await ownersAmong(children.filter((child) => child.isAlive))).toEqual([owner]);

  const connection = await open();
  const found = new Set((await connection.query('select row from kept', [], true)).map((row) => (row as [number])[0]));
  expect(kept.filter((row) => !found.has(row))).toEqual([]);
  // What was in flight when an owner died is told as such, and is the only thing that failed.
  expect(failed.every(({ code, retriable }) => code === 'ERR_PG_SEMANTIC_INTERRUPTED' && retriable)).toBe(true);
  expect(failed.length).toBeLessThanOrEqual(3 * processes);
}, 120_000);

test('a transaction of a process that is killed is rolled back, and others go on', async () => {
  const connection = await open();
  const guest = startChild();
  await guest.order({ does: 'open', directory }, 'open');
  const [before] = await connection.query('select count(*)::int from kept', [], true);
  await guest.order({ does: 'begin and hang' }, 'done');
  const waiting = connection.query('select count(*)::int from kept', [], true);
  await guest.kill();
  expect(await waiting).toEqual([before]);
}, 60_000);
