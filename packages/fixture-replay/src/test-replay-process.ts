// A process that replays a long run many times, each time beside other sessions, and prints how often the result was the expected one.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { openReplay } from './open-replay.ts';
import type { Chunking } from './play-exchange.ts';
import { longRun } from './test-long-agent.ts';

const [file = '', resultFile = '', steps = '', times = '', others = ''] = process.argv.slice(2);
const expected: unknown = JSON.parse(readFileSync(resultFile, 'utf8'));
const chunkings: readonly Chunking[] = ['event', 'byte', 'recorded'];

async function replay(round: number): Promise<boolean> {
  await using session = await openReplay({
    file,
    environment: { CI: '1' },
    chunking: round % 4 === 3 ? { seed: round } : (chunkings[round % 4] ?? 'recorded'),
  });
  const result = await longRun(session.fetch, Number(steps));
  await session.commit();
  return isDeepStrictEqual(JSON.parse(JSON.stringify(result)), expected);
}

let equal = 0;
for (let round = 0; round < Number(times); round++) {
  const [first] = await Promise.all([
    replay(round),
    ...Array.from({ length: Number(others) }, (_, index) => replay(index)),
  ]);
  if (first) equal += 1;
}
process.stdout.write(`${equal} of ${times}\n`);
