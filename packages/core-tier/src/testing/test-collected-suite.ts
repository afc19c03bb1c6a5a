import { expect } from 'vitest';
import type { TestRunner } from './runner.ts';

/**
 * Declares a suite, runs its tests one after another, and tells the titles of those that failed. A broken tier may leave a waiter waiting for ever: what
 * has not ended after `withinMs` has failed.
 */
export async function failuresOf(
  declare: (runner: TestRunner) => void,
  { withinMs = 150 }: { readonly withinMs?: number } = {},
): Promise<readonly string[]> {
  const tests: { title: string; body: () => Promise<void> }[] = [];
  const around: string[] = [];
  declare({
    describe: (title, body) => {
      around.push(title);
      body();
      around.pop();
    },
    test: (title, body) => tests.push({ title: [...around.slice(1), title].join(' > '), body }),
    expect,
  });
  const failed: string[] = [];
  for (const { title, body } of tests) {
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, withinMs, 'late'));
    const ended = body().then(
      () => 'passed',
      () => 'failed',
    );
    if ((await Promise.race([ended, late])) !== 'passed') failed.push(title);
  }
  return failed;
}
