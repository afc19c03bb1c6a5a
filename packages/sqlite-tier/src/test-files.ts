import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory, and how to be rid of it. */
export function freshDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sqlite-tier-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The path of a file that does not exist yet, in a directory of its own that goes away after the test. */
export function freshFile(): string {
  const directory = freshDirectory();
  onTestFinished(directory.remove);
  return join(directory.path, 'cache.db');
}
