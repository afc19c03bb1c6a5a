import { glob } from 'node:fs/promises';
import { relative } from 'node:path';
import { fixturesFolder } from './fixture-path.ts';

/** Files that may be fixtures below a folder, relative to it, in order. `node_modules` is left alone. */
export async function findFixtures(root: string): Promise<string[]> {
  const found: string[] = [];
  const exclude = (name: string): boolean => /(?:^|[\\/])(?:node_modules|\.git)$/.test(name);
  for await (const file of glob(`**/${fixturesFolder}/**/*.json`, { cwd: root, exclude })) found.push(file);
  return found.sort();
}

/** The path as people type it. */
export function shortPath(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path;
}
