import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type {} from '@agent-cache/testkit/vitest-redis-setup';
import { expect, inject, test } from 'vitest';

test('of three processes one computes and all have the answer', async () => {
  const program = fileURLToPath(new URL('./one-call-for-all.ts', import.meta.url));
  const env = { ...process.env, REDIS_URL: inject('redisUrl') };
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@agent-cache/source', program], {
    env,
  });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line.endsWith('computes'))).toHaveLength(1);
  expect(lines.filter((line) => line.endsWith('has the answer: 42'))).toHaveLength(3);
});
