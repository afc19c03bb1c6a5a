/**
 * The part of a test runner that the suites need. vitest fits as it is: `import * as vitest from 'vitest'` and pass `vitest`;
 * so does anything whose `expect` knows `toBe`, `toEqual` and `not`. Nothing here imports a runner.
 */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly test: (title: string, body: () => Promise<void>) => unknown;
  readonly expect: (actual: unknown, message?: string) => Expectation;
}

/** What the suites ask of a value. `toEqual` is deep and does not tell a missing property from an undefined one. */
export interface Expectation extends Comparison {
  readonly not: Comparison;
}

interface Comparison {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
}

/** A clock that moves only when told to. */
export interface TestClock {
  readonly now: () => number;
  advance(ms: number): void;
}

/** A clock that stands at the real time of its creation until it is advanced, so servers with their own clock can be tested with it. */
export function testClock(startAt: number = Date.now()): TestClock {
  let at = startAt;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
  };
}

/**
 * Asks again, giving other work its turn in between, until `probe` answers with something that is neither undefined nor false.
 *
 * @throws Error naming `what` when that takes longer than `withinMs` (default 5,000 ms of real time).
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { withinMs = 5_000 }: { readonly withinMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
