import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the example shows that cost pays least', async () => {
  const program = fileURLToPath(new URL('./keep-what-is-dear.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@agent-cache/source', program]);
  const spent = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+\$/) as [string, string]),
  );
  expect([...spent.keys()]).toEqual(['lru', 'tinylfu', 'cost']);
  expect(Number(spent.get('cost'))).toBeLessThan(Number(spent.get('lru')) / 3);
});
