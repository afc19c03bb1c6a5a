import { hash } from 'node:crypto';
import { cpus } from 'node:os';
import { createCache } from '@agent-cache/core-tier';
import { lruMem } from '@agent-cache/lru-mem';
import { wireFormats } from '@agent-cache/wire-formats';
import { createFactsTable } from './body-facts.ts';
import { createCall } from './call.ts';
import type { Core } from './core.ts';
import { settingsOf } from './options.ts';
import { planOf } from './plan.ts';
import { createPricing } from './pricing.ts';
import { createCredentialDigest } from './secret.ts';

const WORDS =
  'the card was charged twice because a transfer of forty euros is pending since Monday and nobody answered'.split(' ');

/** Text that is neither all alike nor random. */
function prose(seed: number, words: number): string {
  return Array.from({ length: words }, (_, index) => WORDS[(seed * 7 + index * index) % WORDS.length]).join(' ');
}

/** A request as an agent sends it after some turns: a long system prompt, tools, and a conversation. */
function requestOf(turns: number, salt = 0): object {
  const property = (index: number) => ({ type: 'string', description: prose(index, 12) });
  return {
    model: 'gpt-6-sol',
    temperature: 0.2,
    messages: [
      { role: 'system', content: prose(salt, 900) },
      ...Array.from({ length: turns }, (_, turn) => ({
        role: turn % 2 === 0 ? 'user' : 'assistant',
        content: `${turn}: ${prose(turn, 92)} “quoted” \\n é`,
      })),
    ],
    tools: Array.from({ length: 8 }, (_, tool) => ({
      type: 'function',
      function: {
        name: `tool_${tool}`,
        description: prose(tool, 30),
        parameters: {
          type: 'object',
          properties: Object.fromEntries([0, 1, 2, 3].map((index) => [`p${index}`, property(index)])),
        },
      },
    })),
  };
}

const url = 'https://api.openai.com/v1/chat/completions';
const headers = {
  authorization: 'Bearer sk-0123456789abcdef0123456789abcdef',
  accept: 'application/json',
  'content-type': 'application/json',
  'user-agent': 'OpenAI/JS 7.55.0',
  'x-stainless-arch': 'x64',
  'x-stainless-lang': 'js',
  'x-stainless-os': 'Linux',
  'x-stainless-package-version': '7.55.0',
  'x-stainless-retry-count': '0',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v24.21.0',
};

function coreWith(): Core {
  const settings = settingsOf({ cache: createCache({ tiers: [lruMem()] }), secret: 'bench' });
  const { cache } = settings;
  return {
    settings,
    facts: createFactsTable(settings),
    digest: createCredentialDigest({ secret: 'bench', records: undefined, cache }),
    pricing: createPricing(undefined),
    counts: { calls: 0, hits: 0, stale: 0, semantic: 0, joined: 0, misses: 0, bypassed: 0, upstream: 0, stored: 0 },
    index: undefined,
    unpriced: new Set(),
    lessons: new Set(),
    isOff: false,
  };
}

async function keyOf(core: Core, text: string): Promise<string> {
  const send = () => Promise.reject(new Error('nothing is sent here'));
  const call = createCall({ format: wireFormats['openai-chat'], url, headers, text, signal: undefined, send });
  const plan = await planOf(core, call);
  if (typeof plan === 'string') throw new Error(plan);
  return plan.keys[0] ?? '';
}

/** CPU microseconds of one run, with `rounds` of them in a row. */
async function cost(run: () => unknown, rounds: number): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(
  contestants: Record<string, () => unknown>,
  rounds = 200,
  laps = 21,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
  for (let lap = 0; lap < laps; lap++) {
    for (const [name, run] of Object.entries(contestants)) times.get(name)?.push(await cost(run, rounds));
  }
  return Object.fromEntries([...times].map(([name, laps_]) => [name, median(laps_.slice(2))]));
}

const text = JSON.stringify(requestOf(30));
const other = JSON.stringify(requestOf(30, 1));
const seen = coreWith();
let fresh = 0;
/** the same size, another text each time */
const never = (): string => text.replace('"temperature":0.2', `"temperature":0.${String(++fresh).padStart(6, '1')}`);

const key = await keyOf(seen, text);
const same = await keyOf(coreWith(), JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())));
if (key !== same || key === (await keyOf(seen, other))) throw new Error('the keys are wrong');

const sha = (body: string): string => hash('sha256', body);
const one = await compare({
  'SHA-256 of the body': () => sha(text),
  'key, body already seen': () => keyOf(seen, text),
  'JSON.parse + JSON.stringify + SHA-256': () => sha(JSON.stringify(JSON.parse(never()))),
  'key, body first seen': () => keyOf(seen, never()),
});
console.log(
  `node ${process.version}, ${cpus()[0]?.model}, body of ${(text.length / 1_024).toFixed(1)} KB, CPU µs per call`,
);
for (const [name, micros] of Object.entries(one)) console.log(`  ${name.padEnd(40)} ${micros.toFixed(1).padStart(8)}`);
const ratio = (a: string, b: string): string => ((one[a] ?? 0) / (one[b] ?? 1)).toFixed(2);
console.log(`  already seen / SHA-256: ${ratio('key, body already seen', 'SHA-256 of the body')}`);
console.log(`  first seen / floor: ${ratio('key, body first seen', 'JSON.parse + JSON.stringify + SHA-256')}`);

console.log('a conversation that grows: CPU µs per KB of the key of each turn, first seen');
for (const turns of [10, 100, 300, 1_000]) {
  const bodies = Array.from({ length: 40 }, (_, index) => JSON.stringify(requestOf(turns, index + 2)));
  const kilobytes = (bodies[0]?.length ?? 0) / 1_024;
  const laps: number[] = [];
  for (let lap = 0; lap < 5; lap++) {
    const core = coreWith();
    let index = 0;
    laps.push(await cost(() => keyOf(core, bodies[index++] ?? ''), bodies.length));
  }
  console.log(
    `  ${String(turns).padStart(5)} turns ${kilobytes.toFixed(0).padStart(5)} KB ${(median(laps) / kilobytes).toFixed(2).padStart(7)}`,
  );
}
