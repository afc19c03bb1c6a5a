import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { canonicalJson } from './index.ts';
import { chatBody } from './test-bodies.ts';

const ROUNDS = 15;
const BYTES_PER_ROUND = 12_000_000;

const writers: Readonly<Record<string, (body: unknown) => string>> = {
  'JSON.stringify': (body) => JSON.stringify(body),
  canonicalJson: (body) => canonicalJson(body),
  'canonicalize 5.1.0': (body) => String(canonicalize(body)),
};

/** Process CPU per KB in nanoseconds, hashing included: without a reader, a string put together from parts is not yet made. */
function measure(write: (body: unknown) => string, body: unknown, bytes: number): number {
  const times = Math.ceil(BYTES_PER_ROUND / bytes);
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) hash('sha256', write(body));
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / times / (bytes / 1_024);
}

/** What hashing alone costs, to take it off again. */
function measureHash(text: string): number {
  return measure(() => text, undefined, Buffer.byteLength(text));
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

console.log(`CPU per KB in ns without the hash, median of ${ROUNDS} interleaved rounds, ${process.version}`);
const rows: Record<string, Record<string, number | string>> = {};
for (const turns of [40, 100, 300, 1_000]) {
  const body = chatBody(turns);
  const text = canonicalJson(body);
  const bytes = Buffer.byteLength(text);
  if (text !== canonicalize(body)) throw new Error('canonicalJson and canonicalize disagree');
  const taken: Record<string, number[]> = { hash: [] };
  for (let round = 0; round < ROUNDS; round++) {
    taken.hash?.push(measureHash(text));
    for (const [name, write] of Object.entries(writers)) {
      taken[name] ??= [];
      taken[name].push(measure(write, body, bytes));
    }
  }
  const hashNs = median(taken.hash ?? []);
  const net = Object.keys(writers).map((name): [string, number] => [name, median(taken[name] ?? []) - hashNs]);
  const floor = net[0]?.[1] ?? Number.NaN;
  rows[`${turns} turns, ${Math.round(bytes / 1_024)} KB`] = {
    'SHA-256': Math.round(hashNs),
    ...Object.fromEntries(net.map(([name, ns]) => [name, `${Math.round(ns)} (${(ns / floor).toFixed(2)}x)`])),
  };
}
console.table(rows);
