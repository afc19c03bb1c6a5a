import { glob } from 'node:fs/promises';
import { fixturesFolder } from './fixture-path.ts';

/** Files that may be fixtures below a folder, relative to it, in order. `node_modules` is left alone. */
export async function findFixtures(root: string): Promise<string[]> {
  const found: string[] = [];
  const exclude = (name: string): boolean => /(?:^|[\\/])(?:node_modules|\.git)$/.test(name);
  for await (const file of glob(`**/${fixturesFolder}/**/*.json`, { cwd: root, exclude })) found.push(file);
  return found.sort();
}
