import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('articles are embedded with the first question, and never again', async () => {
  const program = fileURLToPath(new URL('./nearest-article.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@agent-cache/source', program]);
  expect(stdout).toBe(
    [
      'password reset → Resetting a password',
      'times of delivery → Delivery times',
      'password reset → Resetting a password',
      'calls of the model: 2',
      '',
    ].join('\n'),
  );
});
