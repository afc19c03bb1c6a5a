import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

async function demo(...args: string[]): Promise<{ status: number; printed: string; errors: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args]);
  let printed = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const [status] = await once(child, 'close');
  return { status, printed, errors };
}

test('the demo plays questions from a file and ends with the table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'questions-'));
  const file = join(folder, 'questions.jsonl');
  await writeFile(
    file,
    ['Where is it?', 'Where is it?', 'Can I cancel?'].map((text) => `${JSON.stringify({ text })}\n`).join(''),
  );
  const { status, printed } = await demo('--questions', file);
  expect(status).toBe(0);
  expect(printed).toContain('3 conversations, 2 different questions');
  for (const row of [
    'calls',
    'upstream calls',
    'joined calls',
    'input tokens',
    'dollars',
    'latency p50',
    'latency p95',
  ]) {
    expect(printed).toMatch(new RegExp(`^ *${row} `, 'm'));
  }
  expect(printed).toMatch(/\(0 upstream calls then\)/);
  await rm(folder, { recursive: true });
});

test.each([
  [['--limit', '0'], /--limit must be a whole number above 0/],
  [['--questions', import.meta.filename], /main\.test\.ts:1: each line must be JSON with a "text" string/],
])('%j is refused in words', async (args, message) => {
  const { status, errors } = await demo(...args);
  expect(status).toBe(1);
  expect(errors).toMatch(message);
});
