import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** The folder of fixtures beside test files. */
export const fixturesFolder = '__fixtures__';

const maxNameLength = 100;

/** Where the fixture of a test stands: `__fixtures__/agent.test.ts/weather-agent--answers-for-oslo.json`, beside the test file. */
export function fixturePath(testFile: string, names: readonly string[]): string {
  return join(fixturesOf(testFile), `${fileName(names)}.json`);
}

/** Where the fixtures of a test file stand. */
function fixturesOf(testFile: string): string {
  return join(dirname(testFile), fixturesFolder, basename(testFile));
}

function fileName(names: readonly string[]): string {
  const name = names.map(slug).filter(Boolean).join('--');
  if (name !== '' && name.length <= maxNameLength) return name;
  // Names without a letter, and long ones, are told apart by a digest.
  const digest = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 8);
  return [name.slice(0, maxNameLength), digest].filter(Boolean).join('-');
}

/** Letters and digits of any script, in lower case since some file systems do not tell cases apart. */
function slug(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
}
