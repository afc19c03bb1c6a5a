import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { snapshotFile, testSnapshot } from '../test-database.ts';
import { placesIn } from './places.ts';
import { openThread } from './thread-link.ts';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory of this file's tests' own, removed after them. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'agent-cache-postgres-'));
  made.push(directory);
  return directory;
}

/** One with a database in it: a copy of one that the first test to need it leaves in the temporary directory. */
export async function preparedDirectory(): Promise<string> {
  const directory = freshDirectory();
  await cp(await template(), placesIn(directory).data, { recursive: true });
  return directory;
}

async function template(): Promise<string> {
  const place = `${snapshotFile()}.directory`;
  if (existsSync(place)) return place;
  const draft = `${place}.${randomUUID()}`;
  const engine = await openThread({ directory: draft, draft: `${draft}.new`, snapshot: await testSnapshot() });
  await engine.close();
  // Somebody else may have been faster; then theirs stays.
  await rename(draft, place).catch(() => rm(draft, { recursive: true }));
  return place;
}
