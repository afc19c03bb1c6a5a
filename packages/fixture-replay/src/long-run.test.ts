import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startProviderStub } from '@agent-cache/provider-stub';
import { expect, test } from 'vitest';
import type { Chunking, Fixture } from './index.ts';
import { addTrouble, longModel, longRun, toStub } from './test-long-agent.ts';
import { lab } from './test-support.ts';

async function recorded(steps: number) {
  await using stub = await startProviderStub({ answerer: longModel(steps), cutEveryBytes: 97 });
  addTrouble(stub);
  const laboratory = lab();
  let result: unknown;
  await laboratory.record(
    async ({ fetch }) => {
      result = JSON.parse(JSON.stringify(await longRun(fetch, steps)));
    },
    { fetch: toStub(stub) },
  );
  return { ...laboratory, result, requests: stub.requests.length };
}

test('fifty steps with parallel calls, a retry, a broken stream and an abort are replayed to the last field', async () => {
  const { open, text, result, requests, file } = await recorded(50);
  const { exchanges, transcript } = JSON.parse(text()) as Fixture;
  // Fifty steps, three asides, one abandoned answer, one refused and one broken attempt.
  expect([exchanges.length, requests]).toEqual([56, 56]);
  expect(exchanges.flatMap(({ response }) => response?.end ?? [])).toEqual(['abort', 'error']);
  expect(exchanges.filter(({ response }) => response?.status === 429)).toHaveLength(1);
  expect(transcript.filter((line) => line.startsWith('model   -> '))).toHaveLength(2 * 49 + 1);

  const replay = async (chunking: Chunking): Promise<unknown> => {
    const session = await open({ chunking });
    const again = await longRun(session.fetch, 50);
    await session.commit();
    return JSON.parse(JSON.stringify(again));
  };
  // Beside twenty other runs, each with a session and a fixture of its own.
  const other = await recorded(3);
  const others = Array.from({ length: 20 }, async () => {
    const session = await other.open();
    expect(JSON.parse(JSON.stringify(await longRun(session.fetch, 3)))).toEqual(other.result);
    await session.commit();
  });
  const chunkings: Chunking[] = ['recorded', 'event', { seed: 1 }];
  const runs = chunkings.map(replay);
  for (const again of await Promise.all(runs)) expect(again).toEqual(result);
  await Promise.all(others);

  const short = await recorded(9);
  const session = await short.open({ chunking: 'byte' });
  expect(JSON.parse(JSON.stringify(await longRun(session.fetch, 9)))).toEqual(short.result);
  await session.commit();

  const resultFile = join(dirname(file), 'result.json');
  writeFileSync(resultFile, JSON.stringify(result));
  const script = fileURLToPath(new URL('./test-replay-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, file, resultFile, '50', '1', '1']);
  expect(stdout).toBe('1 of 1\n');
});

test('the fixture of a run grows with its length, not with the square of it', async () => {
  const [short, long] = [await recorded(10), await recorded(40)];
  expect(statSync(long.file).size / statSync(short.file).size).toBeLessThan(4.4);
});
