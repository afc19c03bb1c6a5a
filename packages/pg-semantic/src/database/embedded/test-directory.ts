import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { snapshotFile } from '../test-snapshot.ts';
import { placesIn } from './places.ts';

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

/** One with a database in it, with all tables. */
export async function preparedDirectory(): Promise<string> {
  const directory = freshDirectory();
  const { data } = placesIn(directory);
  mkdirSync(data, { mode: 0o700 });
  await promisify(execFile)('tar', ['-xf', await snapshotFile(), '-C', data]);
  return directory;
}
