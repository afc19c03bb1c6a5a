/**
 * Runs the benchmarks of all packages one after another, or those whose path contains an argument: `pnpm bench lru-mem`. What begins with a
 * dash, and all after it, goes to the benchmarks.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { root } from '../workspace.ts';

const given = process.argv.slice(2).filter((part) => part !== '--');
const firstOption = given.findIndex((part) => part.startsWith('-'));
const wanted = firstOption < 0 ? given : given.slice(0, firstOption);
const options = given.slice(wanted.length);
const files = globSync('packages/*/src/**/*.bench.ts', { cwd: root }).sort();
const chosen = files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
if (chosen.length === 0) {
  process.stderr.write(`No benchmark matches ${wanted.join(' ')}. There are:\n${files.join('\n')}\n`);
  process.exitCode = 1;
}
for (const file of chosen) {
  process.stdout.write(`\n${file}\n`);
  const flags = ['--conditions=@agent-cache/source', '--disable-warning=ExperimentalWarning', '--expose-gc'];
  const { status } = spawnSync(process.execPath, [...flags, file, ...options], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
