import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import { findFixtures } from './find-fixtures.ts';
import { fixturePath } from './fixture-path.ts';
import { forgetManifest, writeManifest } from './manifest.ts';

/**
 * Says after a run what was recorded and what it cost, where requests drifted from recordings, and, after a complete run, which fixtures
 * belong to no test any more. Runs of some of the tests accuse no fixture.
 */
export default class FixtureReplayReporter implements Reporter {
  #vitest: Vitest | undefined;
  readonly #print: (text: string) => void;

  constructor(options: { readonly print?: ((text: string) => void) | undefined } = {}) {
    this.#print = options.print ?? ((text) => process.stdout.write(text));
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    // Workers inherit it: what they spend on recording is added up under this name.
    process.env.FIXTURE_REPLAY_RUN ??= randomUUID();
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: string): Promise<void> {
    const vitest = this.#vitest;
    if (!vitest) return;
    const { root } = vitest.config;
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const lines = tests.flatMap((test) => linesOf(test, root));
    const isComplete = reason !== 'interrupted' && errors.length === 0 && (await sawEverything(vitest, modules));
    if (isComplete) lines.push(...(await this.#orphans(root, tests)));
    else await forgetManifest(root);
    if (lines.length > 0) this.#print(`\nfixture-replay\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }

  async #orphans(root: string, tests: readonly TestCase[]): Promise<string[]> {
    const fixtures = new Set(tests.flatMap((test) => fixturesOfTest(test).map((file) => relative(root, file))));
    await writeManifest(root, { fixtures: [...fixtures].sort(), at: Date.now() });
    const orphans = (await findFixtures(root)).filter((file) => !fixtures.has(file));
    if (orphans.length === 0) return [];
    return [
      `${orphans.length} fixtures belong to no test (fixture-replay prune removes them):`,
      ...orphans.map((file) => `  ${file}`),
    ];
  }
}

/** A test that was skipped has left nothing, so its fixture is known by its name. */
function fixturesOfTest(test: TestCase): string[] {
  const names: string[] = [test.name];
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) names.unshift(parent.name);
  const recorded = test.meta().fixtureReplay?.file;
  return [fixturePath(test.module.moduleId, names), ...(recorded === undefined ? [] : [recorded])];
}

function linesOf(test: TestCase, root: string): string[] {
  const meta = test.meta().fixtureReplay;
  if (!meta) return [];
  const cost = meta.costUsd === undefined ? '' : ` for $${meta.costUsd}`;
  const recorded = meta.mode === 'record' && test.result().state === 'passed';
  return [
    ...(recorded ? [`recorded ${join(relative(root, meta.file))}${cost}`] : []),
    ...meta.drift.map((way) => `drift in "${test.fullName}", ${way}`),
  ];
}

/** Was this a run of all tests? A file that did not load has tests nobody saw. */
async function sawEverything(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  if (vitest.getGlobalTestNamePattern() || vitest.config.project.length > 0) return false;
  const loaded = modules.filter((module) => module.children.size > 0 || module.state() !== 'failed');
  const seen = new Set(loaded.map(({ moduleId }) => moduleId));
  const all = await vitest.globTestSpecifications();
  return all.every(({ moduleId }) => seen.has(moduleId));
}
