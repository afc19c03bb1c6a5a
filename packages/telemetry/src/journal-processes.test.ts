import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { expect, onTestFinished, test } from 'vitest';
import { journal } from './journal.ts';
import { readJournal } from './read-journal.ts';
import { hit } from './test-messages.ts';

test('two processes on one sqlite file add up in a journal that either can read', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'cache.sqlite');
  const { records, close } = sqliteTier({ file });
  onTestFinished(() => close());

  const here = journal({ records });
  for (let count = 0; count < 3; count++) {
    hit({ cost: { model: 'gpt-4o', picoUsd: 10n } });
    await here.flush();
  }
  const source = `
    import { channels } from '@agent-cache/core-tier';
    import { sqliteTier } from '@agent-cache/sqlite-tier';
    import { journal } from '@agent-cache/telemetry';
    const { records, close } = sqliteTier({ file: ${JSON.stringify(file)} });
    const there = journal({ records });
    const cost = { model: 'gpt-4o', picoUsd: 7n };
    channels.lookup.publish({ namespace: 'shop', kind: 'llm', key: 'k', outcome: 'hit', tier: 'memory', durationMs: 9, cost });
    await there.close();
    await close();`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', source], { cwd: new URL('..', import.meta.url) });
  await here.close();

  const report = await readJournal({ records });
  expect(report).toMatchObject({ requests: 4, processes: 2, latency: { requests: { count: 4, maxMs: 9 } } });
  expect(report.money.savedPicoUsd).toBe(37n);
});
