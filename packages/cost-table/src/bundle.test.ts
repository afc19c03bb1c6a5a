import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** What a bundler makes of a program that imports this package. */
async function bundled(program: string): Promise<string> {
  const result = await build({
    stdin: { contents: program, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@agent-cache/source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

const table = 'claude-sonnet-5-5';
const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

test('costOf with own prices carries no table and stays small', async () => {
  const code = await bundled(
    "import { costOf } from '@agent-cache/cost-table/own-prices'; console.log(costOf({ input: 1 }, {} as never));",
  );
  expect(code).not.toContain(table);
  expect(gzipped(code)).toBeLessThan(6_000);
});

test('usageFrom alone carries neither table nor arithmetic', async () => {
  const code = await bundled(
    "import { usageFrom } from '@agent-cache/cost-table'; console.log(usageFrom.anthropic({}));",
  );
  expect(code).not.toContain(table);
  expect(gzipped(code)).toBeLessThan(2_500);
});

test('the table is bundled once priceOf is imported, and is less than 60 kB gzipped', async () => {
  const code = await bundled("import { priceOf } from '@agent-cache/cost-table'; console.log(priceOf('gpt-4o'));");
  expect(code).toContain(table);
  expect(gzipped(code)).toBeLessThan(60_000);
});
