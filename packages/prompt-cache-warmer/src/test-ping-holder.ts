import { sqliteTier } from '@agent-cache/sqlite-tier';
import { createWarmer } from './create-warmer.ts';
import { FakeClock, MINUTE, prefix, question, usageOf } from './test-world.ts';

/** A process that takes the right to ping, begins to, and never ends. */
const [file = '', usedAt = '0'] = process.argv.slice(2);
const clock = new FakeClock();
clock.time = Number(usedAt);
const warmer = createWarmer({
  budgetUsd: 1,
  tier: sqliteTier({ file, now: clock.now }),
  now: clock.now,
  random: () => 0,
  schedule: clock.schedule,
  send: () => {
    process.send?.('sending');
    return new Promise(() => {});
  },
});
await warmer.add(prefix(), { expect: { everyMs: 6 * MINUTE } });
warmer.start();
warmer.observe({ request: { body: question() }, usage: usageOf('written') });
await clock.advance(4.5 * MINUTE);
