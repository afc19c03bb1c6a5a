import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of a file that does not exist yet, in a directory of its own that goes away after the test. */
export function freshFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-tier-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'cache.db');
}
