/**
 * What a lookup and a bill cost in CPU time, beside a bare map read as the floor, and what the package weighs in a bundle.
 * `pnpm exec node --conditions=@agent-cache/source packages/cost-table/src/price-of.bench.ts`
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { costOf } from './cost-of.ts';
import { priceOf } from './price-of.ts';
import { priceTable } from './price-table.generated.ts';

const rounds = 15;
const calls = 100_000;
const at = Date.UTC(2026, 10, 10);
const names = ['gpt-4o', 'claude-sonnet-5-5-20261007', 'bedrock/us.anthropic.claude-opus-5-5', 'no-such-model'];
const usage = { inputTokens: 5_000, cacheReadTokens: 4_000, outputTokens: 300, reasoningTokens: 100 };

const opening = cpuMicros(() => void priceOf('gpt-4o-mini', { at }));
const matching = cpuMicros(() => void priceOf('gpt-4o-mini-2030-01-01', { at }));
const floor = new Map(names.map((name) => [name, priceOf(name, { at })]));
assert.equal(priceOf('claude-sonnet-5-5-20261007', { at })?.cacheRead, 0.1);
assert.equal(costOf('gpt-4o', usage, { at })?.picoUsd, 1_000n * 2_500_000n + 4_000n * 1_250_000n + 300n * 10_000_000n);

const subjects: Readonly<Record<string, (call: number) => unknown>> = {
  'map read (floor)': (call) => floor.get(names[call % names.length] ?? ''),
  priceOf: (call) => priceOf(names[call % names.length] ?? '', { at }),
  'priceOf, now': (call) => priceOf(names[call % names.length] ?? ''),
  'costOf a name': () => costOf('gpt-4o', usage, { at }),
};
const times = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, subject] of Object.entries(subjects)) {
    times.get(name)?.push(cpuMicros(() => repeat(subject)) / calls);
  }
}

console.table(
  Object.fromEntries([...times].map(([name, each]) => [name, { 'µs per call': Number(median(each).toFixed(3)) }])),
);
console.log(
  `opening the table: ${(opening / 1_000).toFixed(1)} ms; first name that is not listed as it is: ${(matching / 1_000).toFixed(1)} ms`,
);
console.table({
  'table as text': weight(priceTable),
  'own prices: costOf': weight(
    await bundled("import { costOf } from '@agent-cache/cost-table/own-prices'; console.log(costOf)"),
  ),
  usageFrom: weight(await bundled("import { usageFrom } from '@agent-cache/cost-table'; console.log(usageFrom)")),
  'costOf with the table': weight(
    await bundled("import { costOf } from '@agent-cache/cost-table'; console.log(costOf)"),
  ),
  everything: weight(await bundled("import * as all from '@agent-cache/cost-table'; console.log(all)")),
});

function repeat(subject: (call: number) => unknown): void {
  for (let call = 0; call < calls; call++) subject(call);
}

function cpuMicros(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function weight(text: string): { readonly bytes: number; readonly gzipped: number } {
  return { bytes: Buffer.byteLength(text), gzipped: gzipSync(text, { level: 9 }).length };
}

async function bundled(contents: string): Promise<string> {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const options = { bundle: true, minify: true, write: false, format: 'esm', platform: 'node' } as const;
  const result = await build({ ...options, stdin: { contents, resolveDir }, conditions: ['@agent-cache/source'] });
  return result.outputFiles[0]?.text ?? '';
}
