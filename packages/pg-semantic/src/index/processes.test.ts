import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openPostgres } from '../database/open-postgres.ts';
import { semanticIndex } from './semantic-index.ts';
import { ask, notGuard, thresholdPolicy, wordEmbedder } from './test-index.ts';

const enough = 100;

test('kill -9 in the middle of 1,000 learns loses none that was acknowledged, and another process has them all', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'agent-cache-index-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test-learner.ts'), dataDir, '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
  await index.close();
  await db.close();
  await rm(dataDir, { recursive: true, force: true });
}, 120_000);
