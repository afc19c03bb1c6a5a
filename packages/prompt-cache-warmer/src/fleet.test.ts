import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AsyncTier, channels, type ErrorMessage } from '@agent-cache/core-tier';
import { sqliteTier } from '@agent-cache/sqlite-tier';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWarmer } from './create-warmer.ts';
import { FakeClock, MINUTE, nextTurn, prefix, question, TOKENS, usageOf } from './test-world.ts';
import type { Warmer } from './warmer-types.ts';

async function file(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prompt-cache-warmer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'tier.sqlite');
}

const answer = { usage: { input_tokens: 1, output_tokens: 0, cache_read_input_tokens: TOKENS } };

/** A link of its own to the file that all share, which tells when a write has arrived. */
function linkTo(path: string, clock: FakeClock, onWritten: () => void): AsyncTier {
  const tier = sqliteTier({ file: path, now: clock.now });
  onTestFinished(() => tier.close());
  return {
    name: tier.name,
    get: (key) => tier.get(key),
    delete: (key) => tier.delete(key),
    clear: () => tier.clear(),
    claim: (key, options) => tier.claim(key, options),
    set: async (key, entry) => {
      const isWritten = await tier.set(key, entry);
      onWritten();
      return isWritten;
    },
  };
}

/** A process's warmer. */
async function member(path: string, clock: FakeClock, onSend: () => void, onWritten = (): void => {}): Promise<Warmer> {
  const tier = linkTo(path, clock, onWritten);
  const send = async (): Promise<object> => {
    onSend();
    return answer;
  };
  const options = { budgetUsd: 10, tier, now: clock.now, random: () => 0, schedule: clock.schedule };
  const warmer = createWarmer({ ...options, send });
  await warmer.add(prefix(), { expect: { everyMs: 6 * MINUTE } });
  warmer.start();
  return warmer;
}

/** The worker behind a tier answers in its own time: as long as a condition does not hold, everybody gets a turn. */
async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds() && Date.now() < end) await nextTurn();
}

describe('several processes and one prefix', () => {
  test('one ping per window, whoever is first', async () => {
    const clock = new FakeClock();
    const path = await file();
    let pings = 0;
    let told = 0;
    const join = () =>
      member(
        path,
        clock,
        () => (pings += 1),
        () => (told += 1),
      );
    const members = await Promise.all([join(), join(), join()]);
    for (const warmer of members) warmer.observe({ request: { body: question() }, usage: usageOf('written') });
    await until(() => told === 3);
    for (let window = 1; window <= 2; window += 1) {
      await clock.advance(4.5 * MINUTE);
      // Everybody has a new timer once it is known who pinged.
      await until(() => clock.timers >= 3 && pings >= window);
      await nextTurn();
      expect(pings).toBe(window);
    }
  });

  test('traffic in one process spares the others their ping', async () => {
    const clock = new FakeClock();
    const path = await file();
    let pings = 0;
    let told = 0;
    const join = () =>
      member(
        path,
        clock,
        () => (pings += 1),
        () => (told += 1),
      );
    const [busy, idle] = await Promise.all([join(), join()]);
    for (const warmer of [busy, idle]) warmer.observe({ request: { body: question() }, usage: usageOf('written') });
    await until(() => told === 2);
    await clock.advance(3 * MINUTE);
    busy.observe({ request: { body: question() }, usage: usageOf('read') });
    await until(() => told === 3);
    await clock.advance(1.5 * MINUTE);
    await until(() => clock.timers === 2);
    expect([pings, clock.timers]).toEqual([0, 2]);
  });

  test('when the holder is killed, another takes over before the prefix is lost', async () => {
    const clock = new FakeClock();
    const path = await file();
    const pinged = Promise.withResolvers<number>();
    const warmer = await member(path, clock, () => pinged.resolve(clock.time));
    const usedAt = clock.time;
    warmer.observe({ request: { body: question() }, usage: usageOf('written') });

    const child = fork(fileURLToPath(new URL('test-ping-holder.ts', import.meta.url)), [path, String(usedAt)]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    await clock.advance(4.5 * MINUTE);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Its lease ends by itself; the clock moves on until then.
    let takenAt: number | undefined;
    void pinged.promise.then((at) => {
      takenAt = at;
    });
    for (let second = 0; second < 60 && takenAt === undefined; second += 1) {
      clock.time += 1_000;
      for (let turn = 0; turn < 300 && takenAt === undefined; turn += 1) await nextTurn();
    }
    expect(takenAt).toBeDefined();
    expect((takenAt ?? 0) - usedAt).toBeLessThan(5 * MINUTE);
  });

  test('a tier that fails costs a ping, and is reported', async () => {
    const errors: ErrorMessage[] = [];
    const listen = (message: ErrorMessage): void => void errors.push(message);
    channels.error.subscribe(listen);
    onTestFinished(() => channels.error.unsubscribe(listen));
    const clock = new FakeClock();
    const broken = { name: 'broken', get: fail, set: fail, delete: fail, clear: fail, claim: fail };
    let sent = 0;
    const warmer = createWarmer({
      budgetUsd: 1,
      tier: broken,
      now: clock.now,
      schedule: clock.schedule,
      send: async () => {
        sent += 1;
      },
    });
    await warmer.add(prefix());
    expect((await warmer.warm())[0]).toMatchObject({ outcome: 'others warm it' });
    expect(sent).toBe(0);
    expect(errors.map(({ code }) => code)).toContain('ERR_PROMPT_CACHE_WARMER_TIER');
  });
});

async function fail(): Promise<never> {
  throw new Error('out of reach');
}
