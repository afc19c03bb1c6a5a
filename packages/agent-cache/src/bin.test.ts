import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('agent-cache prices shows the price of a model', () => {
  const printed = execFileSync(process.execPath, [join(import.meta.dirname, 'bin.ts'), 'prices', 'gpt-5-mini'], {
    encoding: 'utf8',
  });
  expect(printed).toContain('gpt-5-mini (openai), in US dollars per million tokens');
});
