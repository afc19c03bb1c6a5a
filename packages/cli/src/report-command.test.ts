import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { channels } from '@agent-cache/core-tier';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { journal } from '@agent-cache/telemetry';
import { expect, test } from 'vitest';
import { command, directory, file, spawnedCommand } from './test-command.ts';

async function journalOf(hits: number): Promise<string> {
  const path = join(await directory(), 'cache.sqlite');
  const tier = sqliteTier({ file: path });
  const writer = journal({ records: tier.records });
  for (let hit = 0; hit < hits; hit++)
    channels.lookup.publish({
      namespace: 'shop',
      key: 'k',
      kind: 'llm',
      outcome: 'hit',
      tier: 'memory',
      durationMs: 0.01,
      cost: { model: 'gpt-4o', picoUsd: 150_000n },
    });
  await writer.close();
  await tier.close();
  return path;
}

test('reads what another process wrote to its sqlite file', async () => {
  const { code, stdout, stderr } = await spawnedCommand('report', '--journal', await journalOf(10), '--last', '2h');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/answered by memory +10 +100\.0 %/);
  expect(stdout).toMatch(/^saved .*\$0\.0000015$/m);
  expect(stdout).toContain('Sum of 1 process.');
});

test('is Markdown or JSON when asked, and of one namespace', async () => {
  const path = await journalOf(3);
  expect((await command('report', '--journal', path, '--markdown')).stdout).toContain('| agent-cache | requests |');
  const json = async (namespace: string) =>
    JSON.parse((await command('report', '--journal', path, '--json', '--namespace', namespace)).stdout);
  expect(await json('shop')).toMatchObject({ requests: 3, money: { savedPicoUsd: '450000' } });
  expect(await json('other')).toMatchObject({ requests: 0 });
});

test('a file that is missing is not created', async () => {
  const path = join(await directory(), 'none.sqlite');
  const { code, stderr } = await command('report', '--journal', path);
  expect(code).toBe(2);
  expect(stderr).toContain(path);
  expect(existsSync(path)).toBe(false);
});

test('a file that is no database is left as it is', async () => {
  const path = await file('letter.txt', 'Dear reader');
  const { code, stderr } = await command('report', '--journal', path);
  expect(code).toBe(2);
  expect(stderr).toContain('no SQLite file');
  expect(await readFile(path, 'utf8')).toBe('Dear reader');
});

test.each([
  [['report']],
  [['report', '--journal', 'x', '--last', 'soon']],
  [['report', '--journal', 'x', '--json', '--markdown']],
])('%j ends with 2 and points to the help', async (argv) => {
  const { code, stderr } = await command(...argv);
  expect(code).toBe(2);
  expect(stderr).toContain('--help');
});
