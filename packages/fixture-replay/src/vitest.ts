import { test as base, expect, type RunnerTestCase, type TestAPI } from 'vitest';
import { type Finding, findCost, findDrift, findPrefix, findSteps, findUsage, type UsageLimit } from './assertions.ts';
import { ReplayError } from './errors.ts';
import { fixturePath } from './fixture-path.ts';
import type { MissKind } from './miss-kind.ts';
import { openReplay } from './open-replay.ts';
import type { ReplayOptions, ReplaySession } from './replay-session.ts';
import { modeOfRunner } from './vitest-mode.ts';

export { expect } from 'vitest';
export type { UsageLimit } from './assertions.ts';
export type { ReplayOptions, ReplaySession } from './replay-session.ts';
export { volatile } from './volatile.ts';

/** What the fixture leaves for reporters in the test's `meta`. */
export interface ReplayMeta {
  readonly file: string;
  readonly mode: ReplaySession['mode'];
  readonly drift: readonly string[];
  readonly costUsd?: number | undefined;
}

declare module 'vitest' {
  interface TaskMeta {
    fixtureReplay?: ReplayMeta;
  }
  // The parameters must be vitest's own, name by name, for the declarations to merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** The model asked for these tools in this order; `answer` stands for an answer in words. */
    toHaveSteps(names: readonly string[]): R;
    /** The run cost no more, in US dollars: `0.02` or `'$0.02'`. A model without a price fails. */
    toCostAtMost(limit: number | string): R;
    /** The run used no more of each. */
    toUseAtMost(limit: UsageLimit): R;
    /** Each step only appends to the conversation, so the provider's prompt cache stays warm. */
    toKeepPrefix(): R;
    /** With `match: 'sequence'`: no request differed from the recording, in other ways than these. */
    toHaveNoDrift(options?: { readonly except?: readonly MissKind[] }): R;
  }
}

expect.extend({
  toHaveSteps: (replay: ReplaySession, names: readonly string[]): Finding => findSteps(replay, names),
  toCostAtMost: (replay: ReplaySession, limit: number | string): Finding => findCost(replay, limit),
  toUseAtMost: (replay: ReplaySession, limit: UsageLimit): Finding => findUsage(replay, limit),
  toKeepPrefix: (replay: ReplaySession): Finding => findPrefix(replay),
  toHaveNoDrift: (replay: ReplaySession, { except = [] }: { readonly except?: readonly MissKind[] } = {}): Finding =>
    findDrift(replay, except),
});

/** What tests get beside vitest's own context. */
export interface ReplayFixtures {
  /** this test's recording */
  readonly replay: ReplaySession;
  /** set per file or suite: `test.override({ replayOptions: { timing: 'recorded' } })` */
  readonly replayOptions: ReplayOptions;
}

/**
 * vitest's `test` with a `replay` in its context. The fixture of a test is named after it; it is recorded when there is none or with
 * `vitest -u`, written only when the test passed, and never where `CI` is set. A request that was not recorded fails the test, even when
 * the code under test swallows the error.
 */
export const test: TestAPI<ReplayFixtures> = base.extend<ReplayFixtures>({
  replayOptions: {},
  replay: async ({ task, replayOptions }, use) => {
    const names = namesOf(task);
    const file = fixturePath(task.file.filepath, names);
    claim(file, task);
    const session = await openReplay({
      ...replayOptions,
      file,
      mode: modeOfRunner(),
      test: names.join(' > '),
      concurrent: task.concurrent === true,
      recordCommand: `vitest -u -t ${JSON.stringify(task.name)}`,
    });
    await using ending = session;
    await use(session);
    // Errors of attempts before stay in the list; the state is that of this attempt.
    const passed = task.result?.state === 'pass';
    task.meta.fixtureReplay = metaOf(ending);
    if (passed) await ending.commit();
    else ending.fail();
  },
});

function metaOf({ file, mode, drift, usage }: ReplaySession): ReplayMeta {
  const ways = drift.map(({ step, kind, at }) => `step ${step}: ${kind} at ${at}`);
  return { file, mode, drift: ways, ...(usage.costUsd !== undefined && { costUsd: usage.costUsd }) };
}

/** Names of the suites around a test, and its own. */
function namesOf(task: Readonly<RunnerTestCase>): string[] {
  const suites: string[] = [];
  for (let suite = task.suite; suite; suite = suite.suite) suites.unshift(suite.name);
  return [...suites, task.name];
}

const claims = new Map<string, string>();

/** Retries and repetitions of a test share its fixture, two tests never do. */
function claim(file: string, task: Readonly<RunnerTestCase>): void {
  const owner = claims.get(file) ?? task.id;
  claims.set(file, owner);
  if (owner === task.id) return;
  throw new ReplayError(
    'ERR_REPLAY_DUPLICATE_NAME',
    `Two tests would share the fixture ${file}: their names differ in nothing but case, spaces or signs. Rename "${task.name}".`,
    { file },
  );
}
