import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('two processes share one computation', async () => {
  const program = fileURLToPath(new URL('./two-processes.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@agent-cache/source', program]);
  expect(stdout).toBe('answers: 42, 42\ncomputed: 1\n');
});
