import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { preparedDirectory } from '../database/embedded/test-directory.ts';
import { openPostgres } from '../database/open-postgres.ts';
import { semanticIndex } from './semantic-index.ts';
import { answer, ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';
import type { SemanticIndex } from './types.ts';

const enough = 100;

/** What was called wrong here is not served by another process, and the question it was the answer to keeps it. */
async function heedsFeedback(dataDir: string, index: SemanticIndex): Promise<void> {
  await index.learn(undefined, ask('where is my parcel now'), answer('in the post', Date.now()));
  const child = spawn(process.execPath, [fileURLToPath(new URL('./test-asker.ts', import.meta.url)), dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<Record<string, unknown>> => JSON.parse(String((await lines.next()).value));
  const asks = (text: string): Promise<Record<string, unknown>> => {
    child.stdin.write(`${text}\n`);
    return said();
  };
  expect(await said()).toBe('ready');
  const hit = await asks('where is my parcel now please');
  expect(hit).toMatchObject({ state: 'hit', value: 'in the post' });
  expect(await index.feedback(String(hit.hitId), 'wrong')).toBe(hit.answerTag);
  expect(await asks('where is my parcel now please')).toMatchObject({ state: 'miss' });
  expect(await asks('where is my parcel now')).toMatchObject({ state: 'hit', value: 'in the post' });
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
}

test('kill -9 in the middle of 1,000 learns loses none that was acknowledged, and another process has them all; feedback holds in all', async () => {
  const dataDir = await preparedDirectory();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./test-learner.ts', import.meta.url)), dataDir, '1000'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const learned: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'ready') learned.push(Number(line));
    // What has been said before the end arrives is still read.
    if (learned.length === enough) child.kill('SIGKILL');
  }
  await exited;
  expect(learned.length).toBeGreaterThanOrEqual(enough);
  expect(learned.length).toBeLessThan(1_000);
  const db = await openPostgres({ dataDir });
  const options = { db, embed: wordEmbedder(), policy: thresholdPolicy(), guards: notGuard, deadlineMs: 20_000 };
  const index = semanticIndex(options);
  const found = await index.findMany(learned.map((number) => ask(`question number ${number}`)));
  expect(found.map((each) => each.state === 'hit' && each.value)).toEqual(learned);
  await heedsFeedback(dataDir, index);
  await index.close();
  await db.close();
}, 120_000);
