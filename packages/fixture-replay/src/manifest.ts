import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectOf, parseJson } from './json-value.ts';

/** Which fixtures belong to tests, as a complete run of all tests saw it. Paths are relative to the root. */
export interface Manifest {
  readonly fixtures: readonly string[];
  /** epoch milliseconds of the run's end */
  readonly at: number;
}

function manifestFile(root: string): string {
  return join(root, 'node_modules/.cache/fixture-replay/manifest.json');
}

/** undefined when no complete run has left one. */
export async function readManifest(root: string): Promise<Manifest | undefined> {
  const text = await readFile(manifestFile(root), 'utf8').catch(() => '');
  const manifest = objectOf(parseJson(text));
  // The package's own file, in a cache folder: beyond its being whole there is nothing to check.
  return Array.isArray(manifest.fixtures) ? (manifest as unknown as Manifest) : undefined;
}

export async function writeManifest(root: string, manifest: Manifest): Promise<void> {
  await mkdir(dirname(manifestFile(root)), { recursive: true });
  await writeFile(manifestFile(root), JSON.stringify(manifest));
}

/** A run that saw only some of the tests can say nothing about the others. */
export async function forgetManifest(root: string): Promise<void> {
  await rm(manifestFile(root), { force: true });
}
