import { describe, expect, test } from 'vitest';
import { command, file } from './test-command.ts';

describe('prices <model>', () => {
  test('shows the rates, the tiers, and where and when they were read', async () => {
    const { code, stdout, stderr } = await command('prices', 'claude-haiku-5-5');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^claude-haiku-5-5 \(anthropic\), in US dollars per million tokens$/m);
    expect(stdout).toMatch(/^standard +0\.10 +0\.50/m);
    expect(stdout).toMatch(/^ {2}above 100,000 prompt tokens +0\.50 +2\.50/m);
    expect(stdout).toMatch(/^Read on \d{4}-\d\d-\d\d from \S+\.$/m);
  });

  test('shows rates by the time of the day', async () => {
    expect((await command('prices', 'deepseek-v4-pro')).stdout).toMatch(/^01:00–04:00 UTC.* +1\.32 +3\.96/m);
  });

  test('--json is the price as cost-table has it', async () => {
    const { stdout } = await command('prices', 'openai/gpt-4o', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'gpt-4o', provider: 'openai', input: 2.5, output: 10 });
  });

  test('an unknown model ends with 1 and the nearest names, and shows no price', async () => {
    const { code, stdout, stderr } = await command('prices', 'claude-sonnet-5-6');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The price of claude-sonnet-5-6 is not known.');
    expect(stderr).toContain('claude-sonnet-5-5');
    expect(stderr).not.toContain('$');
  });

  test('an unknown model is null in JSON', async () => {
    const { code, stdout } = await command('prices', 'gpt-4oo', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { model: 'gpt-4oo', price: null, near: ['gpt-4o', 'gpt-4', 'gpt-4.1'] },
    ]);
  });

  test('a name like no other has no suggestions', async () => {
    const { code, stderr } = await command('prices', 'zzzzzzzzzzzzzzzzzzzzzzz');
    expect([code, stderr]).toEqual([1, 'The price of zzzzzzzzzzzzzzzzzzzzzzz is not known.\n']);
  });

  test('--at shows the price of another day', async () => {
    const rates = async (at: string) =>
      JSON.parse((await command('prices', 'claude-sonnet-5-5', '--json', '--at', at)).stdout);
    expect(await rates('2026-11-20')).toMatchObject({ input: 2, cacheRead: 0.1 });
    expect(await rates('2026-10-01')).not.toMatchObject({ cacheRead: 0.1 });
  });
});

describe('prices --diff <file>', () => {
  const prices = {
    'gpt-4o': { input: 2.5, output: 10 },
    'gpt-4.1': { input: 3, output: 8 },
    mine: { input: 1, output: 1 },
  };

  test('shows which fields differ, with the change, and what the table does not know', async () => {
    const { code, stdout } = await command('prices', '--diff', await file('prices.json', prices));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^gpt-4\.1 {2}input +2 +3 +\+50\.0 % +\d{4}-\d\d-\d\d$/m);
    expect(stdout).toContain('Not in the table: mine\n');
    expect(stdout).toContain('1 the same, 1 different, 1 not in the table.\n');
  });

  test('ends with 0 when nothing differs', async () => {
    const { code } = await command('prices', '--diff', await file('prices.json', { 'gpt-4o': prices['gpt-4o'] }));
    expect(code).toBe(0);
  });

  test('compares the price of several that is in force', async () => {
    const dated = {
      'gpt-4o': [
        { input: 1, output: 1 },
        { from: '2026-01-01', input: 2.5, output: 10 },
        { from: '2126-01-01', input: 9, output: 9 },
      ],
    };
    expect((await command('prices', '--diff', await file('prices.json', dated))).code).toBe(0);
  });

  test('--json has every field', async () => {
    const { stdout } = await command('prices', '--json', '--diff', await file('prices.json', prices));
    expect(JSON.parse(stdout)).toMatchObject({
      same: 1,
      different: [{ model: 'gpt-4.1', fields: [{ field: 'input', table: 2, file: 3 }] }],
      unknown: ['mine'],
    });
  });

  test.each([
    ['is no JSON', 'not json'],
    ['has a wrong field', { 'gpt-4o': { input: -1 } }],
  ])('a file that %s ends with 2 and is named', async (_what, content) => {
    const path = await file('wrong.json', content);
    const { code, stderr } = await command('prices', '--diff', path);
    expect(code).toBe(2);
    expect(stderr).toContain(path);
  });
});

describe('wrong arguments', () => {
  test.each([
    [['prices']],
    [['prices', 'one', 'two']],
    [['prices', 'gpt-4o', '--diff', 'x.json']],
    [['prices', 'gpt-4o', '--at', 'yesterday']],
    [['prices', '--nonsense']],
    [['nonsense']],
  ])('%j end with 2, say why, and where the help is', async (argv) => {
    const { code, stdout, stderr } = await command(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--help');
  });

  test.each([[[]], [['help']], [['--help']]])('%j shows the commands', async (argv: string[]) => {
    const { code, stdout } = await command(...argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}prices /m);
  });

  test('--help of a command shows its options', async () => {
    expect((await command('prices', '--help')).stdout).toContain('--diff <file>');
    expect((await command('report', '-h')).stdout).toContain('--journal <file>');
  });
});
