import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findFixtures } from '../find-fixtures.ts';
import { removeFixture } from '../fixture-file.ts';
import { readManifest } from '../manifest.ts';
import type { Command } from './run.ts';

/** Removes fixtures that no test has, by the word of the last complete run; and drafts that a killed process left. */
export const pruneFixtures: Command = async ({ words, dryRun }, { cwd, print }) => {
  const root = resolve(cwd, words[0] ?? '.');
  const manifest = await readManifest(root);
  if (!manifest) {
    throw new TypeError(
      'prune needs to know which fixtures are in use: add the reporter "@agent-cache/fixture-replay/vitest-reporter" to vitest, and let all ' +
        'tests run without a filter. Runs of some of the tests say nothing about the others.',
    );
  }
  const known = new Set(manifest.fixtures);
  const orphans: string[] = [];
  for (const file of await findFixtures(root)) {
    // What was recorded since belongs to a test that the complete run did not know.
    const isNew = (await stat(join(root, file))).mtimeMs > manifest.at;
    if (!known.has(file) && !isNew) orphans.push(file);
  }
  for (const file of orphans) {
    print(`${dryRun ? 'would remove' : 'removed'} ${file}\n`);
    if (!dryRun) await removeFixture(join(root, file));
  }
  if (!dryRun) await removeDrafts(root);
  print(`${orphans.length} of ${orphans.length + known.size} fixtures belong to no test\n`);
  return 0;
};

async function removeDrafts(root: string): Promise<void> {
  const folders = new Set((await findFixtures(root)).map((file) => dirname(join(root, file))));
  for (const folder of folders) {
    const drafts = (await readdir(folder)).filter((name) => /\.\d+-[0-9a-f]{8}\.tmp$/.test(name));
    for (const name of drafts) await rm(join(folder, name), { force: true });
  }
}
