import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProviderStub } from '@agent-cache/provider-stub';
import { describe, expect, test } from 'vitest';
import { runCommand } from './command/run.ts';
import type { Fixture } from './index.ts';
import { vitestLab } from './test-vitest-lab.ts';

/** An agent with one tool, and the way to a server that only recording needs. */
const agent = `
const provider = 'https://api.openai.com';
export const toServer = (url, init) => fetch(String(url).replace(provider, process.env.SERVER ?? 'http://127.0.0.1:1'), init);
async function complete(fetch, body) {
  const headers = { authorization: 'Bearer sk-abcdefghijklmnopqrstuvwxyz', 'content-type': 'application/json' };
  const response = await fetch(provider + '/v1/chat/completions', { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer.choices[0].message;
}
export async function ask(fetch, question) {
  const messages = [{ role: 'system', content: process.env.SYSTEM ?? 'Be terse.' }, { role: 'user', content: question }];
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'weather', parameters } }];
  for (let step = 0; step < 5; step++) {
    const message = await complete(fetch, { model: 'gpt-6-sol', messages, tools });
    messages.push(message);
    if (!message.tool_calls) return message.content;
    for (const { id } of message.tool_calls) messages.push({ role: 'tool', tool_call_id: id, content: '20 degrees' });
  }
}
`;

const suite = `
import { describe } from 'vitest';
import { expect, test } from '@agent-cache/fixture-replay/vitest';
import { ask, toServer } from './agent.js';

test.override({ replayOptions: { fetch: toServer } });
describe('weather agent', () => {
  for (const city of ['Oslo', 'Zürich']) {
    test.concurrent('answers for ' + city, async ({ replay, expect }) => {
      expect(await ask(replay.fetch, 'Weather in ' + city + '?')).toContain('20 degrees');
      expect(replay).toHaveSteps(['get_weather', 'answer']);
      expect(replay).toCostAtMost('$0.02');
      expect(replay).toKeepPrefix();
    });
  }
  test('fails on demand', async ({ replay }) => {
    await ask(replay.fetch, 'Weather in Rome?');
    expect(process.env.FAIL).toBe(undefined);
  });
  test('swallows errors', async ({ replay }) => {
    await ask(replay.fetch, 'Weather in Bonn?').catch(() => 'never mind');
  });
});
`;

const attempts = `
import { expect, test } from '@agent-cache/fixture-replay/vitest';
import { ask, toServer } from './agent.js';
test.override({ replayOptions: { fetch: toServer } });
let attempts = 0;
test('retried', { retry: 2 }, async ({ replay }) => {
  await ask(replay.fetch, 'Weather in Oslo?');
  expect(++attempts).toBe(3);
});
test('repeated', { repeats: 2 }, async ({ replay }) => { await ask(replay.fetch, 'Weather in Bern?'); });
test('Same name', async ({ replay }) => { await ask(replay.fetch, 'Weather in Rome?'); });
test('same -- name!', async ({ replay }) => { await ask(replay.fetch, 'Weather in Rome?'); });
test.concurrent('cannot install', async ({ replay }) => { replay.install(); });
test('installs', async ({ replay }) => { using _ = replay.install(); expect(globalThis.fetch).toBe(replay.fetch); });
`;

/** The command line of this package in a folder. */
async function commandIn(cwd: string, argv: readonly string[], variables: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env;
  const environment = { PATH, HOME, NODE_OPTIONS: '--conditions=@agent-cache/source', ...variables };
  let output = '';
  const print = (text: string): void => {
    output += text;
  };
  return { status: await runCommand(argv, { cwd, environment, print, now: Date.now }), output };
}

const fixtures = ['answers-for-oslo', 'answers-for-zürich', 'fails-on-demand', 'swallows-errors'].map(
  (name) => `weather-agent--${name}.json`,
);

describe('a project with vitest', () => {
  test('records once, replays without a server, saves what passed only, and follows -u and CI', async () => {
    await using stub = await startProviderStub();
    const { folder, run } = vitestLab({ 'agent.js': agent, 'agent.test.ts': suite, 'attempts.test.ts': attempts });
    const recorded = join(folder, '__fixtures__/agent.test.ts');
    const names = () => (existsSync(recorded) ? readdirSync(recorded).sort() : []);
    const online = { SERVER: stub.url };

    const failing = await run([], { ...online, FAIL: '1' });
    expect([failing.status, names()], failing.output).toEqual([1, fixtures.filter((name) => !name.includes('fails'))]);
    expect(failing.output).toContain('recorded __fixtures__/agent.test.ts/weather-agent--answers-for-oslo.json for $');

    // Retries and repeats of a test share its fixture, two tests with one name do not.
    expect(failing.output).toContain('3 failed | 7 passed');
    expect(failing.output).toContain('ERR_REPLAY_DUPLICATE_NAME');
    expect(failing.output).toContain('ERR_REPLAY_CONCURRENT_INSTALL');
    const retried = readFileSync(join(folder, '__fixtures__/attempts.test.ts/retried.json'), 'utf8');
    expect((JSON.parse(retried) as Fixture).exchanges).toHaveLength(2);
    // Four runs; three attempts; one recording and two replays; one recording.
    expect(stub.requests).toHaveLength(8 + 6 + 2 + 2);
    for (const name of ['attempts.test.ts', '__fixtures__/attempts.test.ts'])
      rmSync(join(folder, name), { recursive: true });
    stub.reset();

    const kept = names();
    const guarded = await run(['-u'], { ...online, CI: '1', SYSTEM: 'Be polite.' });
    expect(guarded.output).toMatch(/4 failed/);
    expect(guarded.output).toContain('ERR_REPLAY_NO_FIXTURE');
    expect(guarded.output).toContain('Cause: the system prompt changed.');
    expect(guarded.output).toContain('vitest -u -t "answers for Oslo"');
    expect(guarded.output).not.toContain('sk-abc');
    expect([names(), stub.requests.length]).toEqual([kept, 0]);

    // A fixture whose test is gone.
    writeFileSync(join(recorded, 'gone.json'), readFileSync(join(recorded, fixtures[0]!)));
    const rest = await run([], online);
    expect(rest.output).toContain('1 fixtures belong to no test');
    const command = (...argv: string[]) => commandIn(folder, argv, online);
    expect((await command('prune', '--dry-run')).output).toContain('would remove __fixtures__/agent.test.ts/gone.json');
    expect((await command('prune')).output).toContain('removed __fixtures__/agent.test.ts/gone.json');
    expect([rest.status, names()], rest.output).toEqual([0, fixtures]);
    const calls = stub.requests.length;
    expect(calls).toBe(2);

    const updated = await run(['-u', '-t', 'Oslo'], { ...online, SYSTEM: 'Be polite.' });
    expect(updated.status, updated.output).toBe(0);
    // A run of some of the tests says nothing about the others.
    expect((await command('prune')).status).toBe(2);
    expect(stub.requests).toHaveLength(calls + 2);
    expect(readFileSync(join(recorded, fixtures[0]!), 'utf8')).toContain('Be polite.');

    const again = await command('record', '-t', 'Oslo');
    expect(again.status, again.output).toBe(0);
    expect(stub.requests).toHaveLength(calls + 4);
    expect(readFileSync(join(recorded, fixtures[0]!), 'utf8')).toContain('Be terse.');
  }, 60_000);
});
