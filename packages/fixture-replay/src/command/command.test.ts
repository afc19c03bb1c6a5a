import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeManifest } from '../manifest.ts';
import { openReplay } from '../open-replay.ts';
import { api, asking, saying, temporaryFolder } from '../test-support.ts';
import { lineDiff } from './diff.ts';
import { runCommand } from './run.ts';

const day = 86_400_000;
const recordedAt = Date.UTC(2026, 10, 1);

/** A project with fixtures, and a command line in it. */
function project() {
  const cwd = temporaryFolder();
  const folder = join(cwd, 'test/__fixtures__/agent.test.ts');
  mkdirSync(folder, { recursive: true });
  const record = async (name: string, answer: Response, question = 'Weather in Oslo?'): Promise<string> => {
    const file = join(folder, `${name}.json`);
    const session = await openReplay({
      file,
      mode: 'record',
      test: name,
      environment: {},
      now: () => recordedAt,
      fetch: async () => answer,
    });
    await session.fetch(api, asking(question));
    await session.commit();
    await session[Symbol.asyncDispose]();
    return file;
  };
  const run = async (...argv: string[]): Promise<{ status: number; output: string }> => {
    let output = '';
    const print = (text: string): void => {
      output += text;
    };
    const status = await runCommand(argv, { cwd, environment: {}, print, now: () => recordedAt + 10 * day });
    return { status, output };
  };
  return { cwd, folder, record, run };
}

const calling = (input: string): Response => {
  const call = { id: 'c', type: 'function', function: { name: 'search', arguments: input } };
  return saying('', {
    choices: [{ message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }],
  });
};

test('list tells age, model, steps, tokens and dollars', async () => {
  const { record, run, folder } = project();
  await record('one', saying('20 degrees'));
  await record('two', saying('x', { model: 'nobody-knows' }));
  writeFileSync(join(folder, 'broken.json'), '{');
  const { status, output } = await run('list');
  expect(status).toBe(0);
  const lines = output.split('\n').map((line) => line.split(/ {2,}/));
  expect(lines[0]).toEqual(['fixture', 'days', 'model', 'steps', 'input', 'cached', 'output', 'dollars']);
  expect(lines[1]?.join(' ')).toContain('broken.json ERR_REPLAY_FORMAT');
  expect(lines[2]).toEqual([
    'test/__fixtures__/agent.test.ts/one.json',
    '10',
    'gpt-6-sol',
    '1',
    '20',
    '0',
    '5',
    '0.00009',
  ]);
  expect(lines[3]?.at(-1)).toBe('?');
  expect(output).toContain('3 fixtures, recorded for $0.00009');
});

test('show tells the run', async () => {
  const { record, run } = project();
  const file = await record('one', saying('20 degrees'));
  const { output } = await run('show', file);
  expect(output).toBe(
    'one\nrecorded 2026-11-01, 1 steps for $0.00009\n\nuser    Weather in Oslo?\nmodel   20 degrees\n',
  );
});

describe('diff', () => {
  test.each([
    ['identical', saying('20 degrees'), 0, '  model   20 degrees'],
    ['wording', saying('20 °C'), 1, '- model   20 degrees\n+ model   20 °C'],
    ['tool calls changed', calling('{}'), 1, '+ model   -> search {}'],
    [
      'cost changed ($0.00009 -> $0.00018)',
      saying('20 degrees', { usage: { prompt_tokens: 40, completion_tokens: 10 } }),
      1,
      '',
    ],
  ])('%s', async (verdict, answer, expected, lines) => {
    const { record, run } = project();
    const [before, after] = [await record('before', saying('20 degrees')), await record('after', answer)];
    const { status, output } = await run('diff', before, after);
    expect([status, output.split('\n')[0]]).toEqual([expected, verdict]);
    expect(output).toContain(lines);
  });

  test('against a revision of git', async () => {
    const { cwd, record, run } = project();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@h', ...args], { cwd });
    git('init', '-q');
    const file = await record('one', saying('20 degrees'));
    git('add', '.');
    git('commit', '-qm', 'one');
    await record('one', saying('21 degrees'));
    expect((await run('diff', file)).output).toContain('+ model   21 degrees');
    expect((await run('diff', file, '--git', 'HEAD')).output).toContain('wording');
    expect(await run('diff', file, '--git', 'v1')).toMatchObject({
      status: 2,
      output: expect.stringContaining('git has no one.json at v1'),
    });
    expect(await run('diff', file, '--git=--output=x')).toMatchObject({ status: 2 });
  });

  test('keeps the lines that are equal', () => {
    expect(lineDiff(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual(['  a', '- b', '+ x', '  c', '+ d']);
  });
});

describe('check', () => {
  test('finds nothing in what was just recorded', async () => {
    const { record, run } = project();
    await record('one', saying('20 degrees'));
    expect(await run('check')).toEqual({ status: 0, output: '1 fixtures, 0 with problems\n' });
  });

  test('finds secrets, transcripts that do not tell the truth, age and broken files', async () => {
    const { record, run, folder } = project();
    const [secret, untrue] = [
      await record('secret', saying('20 degrees')),
      await record('untrue', saying('20 degrees')),
    ];
    writeFileSync(secret, readFileSync(secret, 'utf8').replaceAll('20 degrees', 'sk-abcdefghijklmnopqrstuvwxyz'));
    writeFileSync(untrue, readFileSync(untrue, 'utf8').replace('model   20 degrees', 'model   harmless'));
    writeFileSync(join(folder, 'broken.json'), '<<<<<<<');
    const { status, output } = await run('check', '--max-age', '9d');
    expect(status).toBe(1);
    expect(output).toMatch(/broken\.json: ERR_REPLAY_FORMAT/);
    expect(output).toMatch(/secret\.json: holds a secret/);
    expect(output).toMatch(/untrue\.json: the transcript does not tell/);
    expect(output).toMatch(/untrue\.json: is 10 days old/);
    expect(output).not.toContain('sk-abc');
    expect((await run('check', '--max-age', 'long')).status).toBe(2);
  });
});

describe('prune', () => {
  test('asks for a complete run first', async () => {
    const { run } = project();
    expect(await run('prune')).toMatchObject({ status: 2, output: expect.stringContaining('vitest-reporter') });
  });

  test('removes what no test has, but nothing that was recorded since', async () => {
    const { cwd, record, run } = project();
    const [kept, orphan, fresh] = [
      await record('kept', saying('x')),
      await record('orphan', saying('x')),
      await record('fresh', saying('x')),
    ];
    const at = Date.now();
    utimesSync(orphan, new Date(at - day), new Date(at - day));
    utimesSync(fresh, new Date(at + day), new Date(at + day));
    await writeManifest(cwd, { fixtures: ['test/__fixtures__/agent.test.ts/kept.json'], at });
    expect((await run('prune', '--dry-run')).output).toContain(
      'would remove test/__fixtures__/agent.test.ts/orphan.json',
    );
    expect(existsSync(orphan)).toBe(true);
    await run('prune');
    expect([kept, orphan, fresh].map((file) => existsSync(file))).toEqual([true, false, true]);
  });
});

test('a command that does not exist, or has too little, says what there is', async () => {
  const { run } = project();
  expect(await run('remove')).toMatchObject({ status: 2, output: expect.stringContaining('fixture-replay <command>') });
  expect(await run('--help')).toMatchObject({ status: 0 });
  expect(await run('constructor')).toMatchObject({ status: 2 });
  expect(await run('show')).toMatchObject({ status: 2 });
  expect(await run('list', '--loud')).toMatchObject({ status: 2 });
  expect(await run('record')).toMatchObject({ status: 2, output: expect.stringContaining('name of a test') });
});
