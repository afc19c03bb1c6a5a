import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProviderStub } from '@agent-cache/provider-stub';
import OpenAI from 'openai';
import { openReplay } from './open-replay.ts';
import { toStub } from './test-long-agent.ts';

// What replaying costs beyond the SDK's own time, and what a thousand fixtures add to a start. Run:
// pnpm exec node --conditions=@agent-cache/source packages/fixture-replay/src/replay.bench.ts

const folder = mkdtempSync(join(tmpdir(), 'fixture-replay-bench-'));
const environment = {};
const system =
  'You help customers of a bank. Be precise, be friendly, and never promise what the fee table does not say. '.repeat(
    60,
  );
const steps = 10;
const rounds = 41;

/** Ten steps of an agent with a system prompt of 6 KB, each streamed. */
async function agent(fetch: typeof globalThis.fetch): Promise<unknown> {
  const openai = new OpenAI({ apiKey: 'k', baseURL: 'https://api.openai.com/v1', fetch });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: system }];
  for (let step = 0; step < steps; step++) {
    messages.push({ role: 'user', content: `Question ${step} about fees` });
    const stream = openai.chat.completions.stream({ model: 'gpt-6-sol', messages });
    const { choices } = await stream.finalChatCompletion();
    messages.push({ role: 'assistant', content: choices[0]?.message.content ?? '' });
  }
  return messages;
}

function cpuMs({ user, system: kernel }: NodeJS.CpuUsage): number {
  return (user + kernel) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

async function tenSteps(): Promise<Record<string, number>> {
  const stub = await startProviderStub();
  const file = join(folder, 'ten.json');
  const answers: string[] = [];
  const recording = await openReplay({ file, environment, fetch: toStub(stub) });
  const expected = await agent(async (...call) => {
    const response = await recording.fetch(...call);
    const text = await response.text();
    answers.push(text);
    return new Response(text, { headers: response.headers });
  });
  await recording.commit();
  await stub.close();
  const contenders: Record<string, () => Promise<unknown>> = {
    floor: () => {
      const left = [...answers];
      return agent(async () => new Response(left.shift(), { headers: { 'content-type': 'text/event-stream' } }));
    },
    replay: async () => {
      await using session = await openReplay({ file, environment });
      const result = await agent(session.fetch);
      await session.commit();
      return result;
    },
  };
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds + 5; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const before = process.cpuUsage();
      const result = await run();
      const spent = cpuMs(process.cpuUsage(before));
      assert.deepEqual(result, expected);
      if (round >= 5) times.get(name)?.push(spent);
    }
  }
  const [floor, replay] = ['floor', 'replay'].map((name) => median(times.get(name) ?? []));
  return {
    'SDK alone, ms': floor ?? 0,
    'with replay, ms': replay ?? 0,
    'replay adds, ms': (replay ?? 0) - (floor ?? 0),
  };
}

async function thousandFixtures(): Promise<Record<string, number>> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const ten = join(folder, 'ten.json');
  for (let index = 0; index < 1_000; index++) {
    await using session = await openReplay({ file: ten, environment });
    assert.equal(session.mode, 'replay');
  }
  return {
    'opened fixtures': 1_000,
    'CPU, ms': cpuMs(process.cpuUsage(before)),
    'wall, ms': performance.now() - startedAt,
  };
}

const round = (row: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toFixed(1))]));

console.table([round(await tenSteps())]);
console.table([round(await thousandFixtures())]);
rmSync(folder, { recursive: true });
