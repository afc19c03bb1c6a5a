import { DatabaseSync } from 'node:sqlite';
import { eventually } from '@agent-cache/core-tier/testing';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteTier } from './sqlite-tier.ts';
import { freshFile } from './test-files.ts';
import { startProcess } from './test-processes.ts';

test('what one process deletes or bumps another hears of within 100 ms', async () => {
  const file = freshFile();
  const [writer, reader] = await Promise.all([startProcess(file), startProcess(file)]);
  await reader.ask({ do: 'listen' });
  const heard: unknown[] = [];
  let heardAt = 0;
  reader.onNews(({ change }) => {
    heard.push(change);
    heardAt = performance.now();
  });
  const delays: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const question = round % 2 === 0 ? ({ do: 'delete', key: 'key' } as const) : ({ do: 'bump', tags: ['t'] } as const);
    const count = heard.length;
    await writer.ask(question);
    const doneAt = performance.now();
    await eventually('the change is heard', () => heard.length > count);
    delays.push(heardAt - doneAt);
  }
  expect(Math.max(...delays)).toBeLessThan(100);
  expect(heard.slice(0, 2)).toEqual([
    { keys: ['key'] },
    { tags: ['t'], epoch: expect.objectContaining({ sequence: 2 }) },
  ]);
});

test('kill -9 in the middle of 1,000 writes loses nothing acknowledged and damages nothing', async () => {
  const file = freshFile();
  const writer = await startProcess(file);
  const acknowledged: number[] = [];
  writer.onNews((news) => {
    if (news.acknowledged !== undefined) acknowledged.push(news.acknowledged);
  });
  writer.ask({ do: 'write-on', count: 1_000 }).catch(() => undefined);
  await eventually('some writes are acknowledged', () => acknowledged.length > 0);
  await writer.kill();
  expect(acknowledged.length).toBeLessThan(1_000);

  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  const found = await tier.getMany(acknowledged.map((index) => `key:${index}`));
  expect(found.map((entry) => (entry?.value as { index: number } | undefined)?.index)).toEqual(acknowledged);
  await tier.close();
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
});

test('the lease of a process that was killed passes on when its time is over', async () => {
  const file = freshFile();
  const leaseMs = 1_000;
  const holder = await startProcess(file);
  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  await tier.get('key');
  expect(await holder.ask({ do: 'claim', key: 'key', leaseMs })).toBe('lease');
  const startedAt = performance.now();
  const claim = await tier.claim('key', { leaseMs });
  await holder.kill();
  expect(claim.state).toBe('wait');
  expect(claim.state === 'wait' && (await claim.settled)).toBe(undefined);
  expect((await tier.claim('key', { leaseMs })).state).toBe('lease');
  expect(performance.now() - startedAt).toBeLessThan(leaseMs + 500);
});

test('a write that nobody awaits is in the file when the process ends by itself', async () => {
  const file = freshFile();
  const { spawn } = await import('node:child_process');
  const program = `
    import { sqliteTier } from '@agent-cache/sqlite-tier';
    sqliteTier({ file: ${JSON.stringify(file)} }).set('key', { value: 'kept', createdAt: 1 });
  `;
  const child = spawn(process.execPath, ['--conditions=@agent-cache/source', '--input-type=module', '-e', program], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect([code, printed]).toEqual([0, '']);
  const tier = sqliteTier({ file });
  onTestFinished(() => tier.close());
  expect((await tier.get('key'))?.value).toBe('kept');
});
