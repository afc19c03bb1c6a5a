import { expect, test } from 'vitest';
import { spawnedCommand } from './test-command.ts';

test('the command writes to its process and ends with its code', async () => {
  const [known, unknown, wrong] = await Promise.all([
    spawnedCommand('prices', 'gpt-4o'),
    spawnedCommand('prices', 'gpt-4oo'),
    spawnedCommand('prices'),
  ]);
  expect([known.code, unknown.code, wrong.code]).toEqual([0, 1, 2]);
  expect(known.stdout).toContain('gpt-4o (openai)');
  expect(unknown.stderr).toContain('gpt-4o');
  expect(wrong.stderr).toContain('--help');
});
