import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseFixture, readFixture } from './fixture-file.ts';
import { openReplay } from './open-replay.ts';
import { api, asking, lab, saying, temporaryFolder } from './test-support.ts';

const writer = fileURLToPath(new URL('./test-endless-writer.ts', import.meta.url));

test('a process that is killed while it saves leaves a whole fixture, old or new', async () => {
  const file = join(temporaryFolder(), 'run.json');
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let saves = 0;
    child.stdout.on('data', (data: Buffer) => {
      saves += data.length;
    });
    // At another moment of a save every time: its draft appears, is written, becomes the fixture.
    const watcher = watch(dirname(file));
    let changes = 0;
    await new Promise<void>((resolve) =>
      watcher.on('change', () => {
        if (saves > 3) changes += 1;
        if (changes > round) resolve();
      }),
    );
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    watcher.close();
    await closed;
    const { exchanges } = parseFixture(readFileSync(file, 'utf8'), file);
    expect(exchanges).toHaveLength(60);
    // All answers of one save are alike, so a mixture would show.
    expect(new Set(exchanges.map(({ response }) => JSON.stringify(response)))).toHaveProperty('size', 1);
  }
}, 30_000);

test('many sessions that save one fixture at the same time leave one of them whole, and no drafts', async () => {
  const { file } = lab();
  const save = async (name: string): Promise<void> => {
    const session = await openReplay({ file, mode: 'record', environment: {}, fetch: async () => saying(name) });
    await Promise.all(Array.from({ length: 20 }, (_, index) => session.fetch(api, asking(`${index}`))));
    await session.commit();
    await session[Symbol.asyncDispose]();
  };
  await Promise.all(Array.from({ length: 10 }, (_, index) => save(`writer ${index}`)));
  const fixture = await readFixture(file);
  expect(new Set(fixture?.exchanges.map(({ response }) => JSON.stringify(response?.body)))).toHaveProperty('size', 1);
  expect(readdirSync(dirname(file))).toEqual(['run.json']);
});
