import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs a module in a process of its own; what it prints is the result. */
function run(source: string): unknown {
  const argv = ['--input-type=module', '--eval', source];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', cwd: new URL('..', import.meta.url) }));
}

const publishCall = `channels.upstream.publish({ namespace: 'n', kind: 'llm', name: 'openai', outcome: 'ok', durationMs: 1,
  model: 'gpt-4o', usage: { inputTokens: 1000000, outputTokens: 0 } });`;

test('report() counts from the moment the package is imported', () => {
  const source = `
    import { channels } from '@agent-cache/core-tier';
    import { report } from '@agent-cache/telemetry';
    channels.lookup.publish({ namespace: 'n', key: 'k', outcome: 'hit', tier: 'memory', durationMs: 1 });
    console.log(JSON.stringify(report({ namespace: 'n' })));`;
  expect(run(source)).toMatchObject({ requests: 1, hits: 1, namespaces: ['n'] });
});

test('the price table is loaded when the first call needs a price, and not before', () => {
  const source = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { channels } = await import('@agent-cache/core-tier');
    const { createRecorder } = await import('@agent-cache/telemetry');
    const tables = () => loaded.filter((url) => url.includes('cost-table')).length;
    const recorder = createRecorder();
    channels.lookup.publish({ namespace: 'n', key: 'k', outcome: 'hit', durationMs: 1, cost: { model: 'gpt-4o', picoUsd: 5n } });
    const before = tables();
    ${publishCall}
    await recorder.settled();
    console.log(JSON.stringify({ before, after: tables() > 0, money: recorder.report() }));`;
  expect(run(source)).toMatchObject({ before: 0, after: true, money: { money: { spentPicoUsd: '2500000000000' } } });
});
