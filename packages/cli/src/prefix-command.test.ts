import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command, directory, file } from './test-command.ts';

const prompt = (system: string, question = 'One?') => ({
  model: 'claude-opus-5-5',
  system,
  messages: [{ role: 'user', content: question }],
});

async function snapshotOf(prompts: Readonly<Record<string, unknown>>) {
  const folder = await directory();
  const files: string[] = [];
  for (const [name, body] of Object.entries(prompts)) {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(body));
    files.push(path);
  }
  const snapshot = join(folder, 'prefixes.json');
  const { code } = await command('prefix', 'snapshot', ...files, '--out', snapshot);
  expect(code).toBe(0);
  return {
    files,
    snapshot,
    check: (...more: string[]) => command('prefix', 'check', ...files, ...more, '--snapshot', snapshot),
  };
}

describe('prefix snapshot and check', () => {
  test('a prompt whose question alone changed passes', async () => {
    const { files, check } = await snapshotOf({ 'support.json': prompt('Be kind.') });
    await writeFile(files[0] ?? '', JSON.stringify(prompt('Be kind.', 'Two?')));
    expect(await check()).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 prefixes') });
  });

  test('a changed prefix fails, with its place and the tokens it costs', async () => {
    const { files, check } = await snapshotOf({ 'support.json': prompt('Be kind.') });
    await writeFile(files[0] ?? '', JSON.stringify(prompt('Be brief.')));
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain('system changed; 2 of 2 tokens are not read again.');
  });

  test('a prompt without a snapshot fails', async () => {
    const { check } = await snapshotOf({ 'support.json': prompt('Be kind.') });
    const other = await file('other.json', prompt('Be new.'));
    expect(await check(other)).toMatchObject({ code: 1, stdout: expect.stringContaining('is not in') });
  });

  test('no text of a prompt is written down', async () => {
    const { snapshot } = await snapshotOf({ 'support.json': prompt('The password is swordfish.') });
    expect(await readFile(snapshot, 'utf8')).not.toContain('swordfish');
  });

  test.each([
    [['prefix'], 'say what to do'],
    [['prefix', 'check', 'a.json'], '--snapshot'],
    [['prefix', 'snapshot', 'a.json'], '--out'],
    [['prefix', 'simulate'], '--model'],
    [['prefix', 'simulate', '--model', 'gpt-6-sol', '--tokens', 'many'], 'no number of tokens'],
    [['prefix', 'snapshot', 'missing.json', '--out', 'out.json'], 'cannot be read'],
  ])('%j: says what is missing', async (argv, message) => {
    expect(await command(...argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test('a file that is no snapshot is refused', async () => {
    const path = await file('support.json', prompt('Be kind.'));
    expect(await command('prefix', 'check', path, '--snapshot', path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no snapshot'),
    });
  });
});

describe('prefix simulate', () => {
  test('plays all policies over the arrivals of a file', async () => {
    const arrivals = await file('arrivals.json', [
      '2026-01-05T08:00:00Z',
      Date.UTC(2026, 0, 5, 8, 3),
      '2026-01-05T09:00:00Z',
    ]);
    const { code, stdout } = await command('prefix', 'simulate', '--model', 'claude-haiku-4-5', '--arrivals', arrivals);
    expect(code).toBe(0);
    expect(stdout.split('\n').find((line) => line.startsWith('markers only'))).toMatch(/1 +2 +0 +0 +0\.0260/);
  });

  test('an unknown model is trouble, not a price of nothing', async () => {
    const arrivals = await file('arrivals.json', [0, 1]);
    const { code, stderr } = await command('prefix', 'simulate', '--model', 'nobody-knows', '--arrivals', arrivals);
    expect(code).toBe(2);
    expect(stderr).toContain('not known');
  });

  test('without arrivals it prints the policy table over generated traces', async () => {
    const { code, stdout } = await command('prefix', 'simulate', '--model', 'gpt-6-sol');
    expect(code).toBe(0);
    expect(stdout).toContain('office hours');
  });
});
