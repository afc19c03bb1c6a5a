import { channels, type LookupMessage } from '@agent-cache/core-tier';
import { createRecorder } from './recorder.ts';

const ROUNDS = 15;
const MESSAGES = 200_000;

const tenants = Array.from({ length: 50 }, (_, index) => `tenant-${index}`.padEnd(40, 'x'));
const hits: readonly LookupMessage[] = Array.from({ length: 1_000 }, (_, index) => ({
  namespace: 'default',
  key: `ac1:default:t:llm:${index}`,
  kind: 'llm',
  tenant: tenants[index % tenants.length],
  outcome: 'hit',
  tier: index % 5 === 0 ? 'sqlite' : 'memory',
  durationMs: 0.002 + (index % 97) / 1_000,
  cost: {
    model: `model-${index % 7}`,
    inputTokens: 1_000 + index,
    outputTokens: 100,
    picoUsd: BigInt(index) * 1_000_000n,
  },
}));
const plainHits: readonly LookupMessage[] = hits.map(({ cost: _cost, tenant: _tenant, kind: _kind, ...hit }) => ({
  ...hit,
  kind: 'raw',
}));
const misses: readonly LookupMessage[] = hits.map(({ cost: _cost, tier: _tier, ...hit }) => ({
  ...hit,
  outcome: 'miss',
}));

function publish(messages: readonly LookupMessage[]): void {
  for (let index = 0; index < MESSAGES; index++) {
    const message = messages[index % messages.length];
    if (message !== undefined && channels.lookup.hasSubscribers) channels.lookup.publish(message);
  }
}

/** CPU of the process per message, in ns. */
function measure(messages: readonly LookupMessage[]): number {
  const before = process.cpuUsage();
  publish(messages);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / MESSAGES;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function checkRecorder(): void {
  const recorder = createRecorder({ table: false });
  publish(hits);
  recorder.stop();
  const { requests, money } = recorder.report();
  if (requests !== MESSAGES || money.savedPicoUsd === undefined) throw new Error('the recorder miscounts');
}

checkRecorder();
const taken: Record<string, number[]> = {
  idle: [],
  empty: [],
  'plain hit': [],
  'priced hit of a tenant': [],
  miss: [],
};
for (let round = 0; round < ROUNDS; round++) {
  taken.idle?.push(measure(hits));
  const onMessage = (): void => undefined;
  channels.lookup.subscribe(onMessage);
  taken.empty?.push(measure(hits));
  channels.lookup.unsubscribe(onMessage);
  const recorder = createRecorder({ table: false });
  taken['plain hit']?.push(measure(plainHits));
  taken['priced hit of a tenant']?.push(measure(hits));
  taken.miss?.push(measure(misses));
  recorder.stop();
}
console.log(`CPU per lookup message in ns, median of ${ROUNDS} interleaved rounds, ${process.version}`);
console.table(
  Object.fromEntries(
    Object.entries(taken).map(([name, values]) => [name, { 'ns per message': Math.round(median(values)) }]),
  ),
);
