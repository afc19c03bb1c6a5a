import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { ReplayError } from './errors.ts';

/** Counts what recording costs, over all processes of one test run, and says when it is enough. */
export interface Budget {
  /** @throws ReplayError `ERR_REPLAY_BUDGET` when the limit is reached, or a call before could not be priced */
  check(): void;
  /** @param usd undefined when the price is not known */
  spend(usd: number | undefined): void;
}

/** A run that nobody has added to for so long is over; its process id may have been given to another. */
const staleAfterMs = 60 * 60 * 1_000;
const unpriced = 'unpriced';

/** @throws TypeError when `FIXTURE_REPLAY_MAX_USD` is no amount */
export function createBudget(environment: Readonly<Record<string, string | undefined>>): Budget | undefined {
  const { FIXTURE_REPLAY_MAX_USD: limit, FIXTURE_REPLAY_RUN: run = runOfProcess() } = environment;
  if (!limit) return undefined;
  const maxUsd = Number(limit);
  if (!(maxUsd >= 0))
    throw new TypeError(`FIXTURE_REPLAY_MAX_USD is "${limit}"; it must be an amount in US dollars, such as 0.50.`);
  const folder = join(tmpdir(), 'fixture-replay');
  const ledger = join(folder, `${run.replaceAll(/[^\w-]/g, '_')}.spent`);
  mkdirSync(folder, { recursive: true });
  forgetStale(ledger);
  return {
    check() {
      const entries = linesOf(ledger);
      const spent = entries.reduce((sum, entry) => sum + (Number(entry) || 0), 0);
      if (entries.includes(unpriced))
        throw refusal(`a call cannot be priced, so the limit of $${maxUsd} cannot be kept`, 'pass `prices`');
      if (spent >= maxUsd) throw refusal(`this run has spent $${spent.toFixed(6)} of $${maxUsd}`, 'raise the limit');
    },
    // One short line per write: appending is atomic, so no two processes overwrite each other.
    spend: (usd) => appendFileSync(ledger, `${usd ?? unpriced}\n`),
  };
}

function refusal(problem: string, remedy: string): ReplayError {
  return new ReplayError(
    'ERR_REPLAY_BUDGET',
    `Recording stopped: ${problem} (FIXTURE_REPLAY_MAX_USD). Record less at once, or ${remedy}.`,
  );
}

/** Workers are children or threads of the process that runs the tests. */
function runOfProcess(): string {
  return String(process.env.VITEST_POOL_ID !== undefined && isMainThread ? process.ppid : process.pid);
}

function forgetStale(ledger: string): void {
  const stats = statSync(ledger, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > staleAfterMs) rmSync(ledger, { force: true });
}

function linesOf(ledger: string): string[] {
  if (!statSync(ledger, { throwIfNoEntry: false })) return [];
  return readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
}
