import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { preparedDirectory } from '../src/database/embedded/test-directory.ts';

test('other words get the stored answer, other questions do not, and a corrected fact is forgotten', async () => {
  const program = fileURLToPath(new URL('./support-answers.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@agent-cache/source',
    program,
    await preparedDirectory(),
  ]);
  expect(stdout.split('\n')).toEqual([
    'What is the price of the basic plan? The basic plan is 10 dollars.',
    'What does the basic plan cost? The basic plan is 10 dollars. (stored)',
    'What is the price of the team plan? The team plan is 30 dollars.',
    'What does the basic plan not cost? The basic plan is 10 dollars.',
    'forgotten: 2',
    'What does the basic plan cost? The basic plan is 12 dollars.',
    '',
  ]);
}, 60_000);
