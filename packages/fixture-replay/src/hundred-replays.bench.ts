import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProviderStub } from '@agent-cache/provider-stub';
import { openReplay } from './open-replay.ts';
import { addTrouble, longModel, longRun, toStub } from './test-long-agent.ts';

// Whether a hundred replays of a run of fifty steps, in ten fresh processes, in every chunking, beside other replays, are all alike. Run:
// pnpm exec node --conditions=@agent-cache/source packages/fixture-replay/src/hundred-replays.bench.ts

const folder = mkdtempSync(join(tmpdir(), 'fixture-replay-bench-'));

async function hundredReplays(): Promise<Record<string, number | string>> {
  const stub = await startProviderStub({ answerer: longModel(50), cutEveryBytes: 97 });
  addTrouble(stub);
  const file = join(folder, 'long.json');
  const session = await openReplay({ file, environment: {}, fetch: toStub(stub) });
  const result: unknown = JSON.parse(JSON.stringify(await longRun(session.fetch, 50)));
  await session.commit();
  await stub.close();
  const resultFile = join(folder, 'result.json');
  writeFileSync(resultFile, JSON.stringify(result));
  const script = join(import.meta.dirname, 'test-replay-process.ts');
  let equal = 0;
  for (let child = 0; child < 10; child++) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=@agent-cache/source',
      script,
      file,
      resultFile,
      '50',
      '10',
      child === 0 ? '20' : '1',
    ]);
    equal += Number.parseInt(stdout, 10);
  }
  return { 'fresh processes': 10, replays: 100, 'deep-equal': equal };
}

console.table([await hundredReplays()]);
rmSync(folder, { recursive: true });
