import { createBudget } from './budget.ts';
import { ReplayError } from './errors.ts';
import { createFaults, faultResponse } from './fault.ts';
import type { Exchange, Fixture } from './fixture-format.ts';
import { realFetch } from './install-fetch.ts';
import type { LiveRequest } from './live-request.ts';
import { playExchange } from './play-exchange.ts';
import { createPlayer } from './player.ts';
import { type ToolRecorder, toolRecording, toolReplay } from './recorded-tools.ts';
import { createRecorder } from './recorder.ts';
import type { Redactor } from './redact.ts';
import type { Drift, OpenReplayOptions, ReplaySession } from './replay-session.ts';

/** What a session does in its mode. */
export interface Engine {
  /** @throws ReplayError for a request that cannot be answered */
  answer(live: LiveRequest): Promise<Response>;
  /** undefined where tools run as if nobody watched */
  readonly toolRecorder: ToolRecorder | undefined;
  readonly fault: ReplaySession['fault'];
  readonly drift: readonly Drift[];
  exchanges(): readonly Exchange[];
  /** What a run that succeeded has to be checked for, and leaves behind. */
  finish(): Promise<void>;
}

/** What a session tells its engine. */
export interface EngineOptions extends OpenReplayOptions {
  readonly redactor: Redactor;
  readonly recordCommand: string;
  /** remembers an error that the code under test may swallow */
  readonly report: (error: ReplayError) => ReplayError;
}

const maxListed = 5;

export function replayEngine(options: EngineOptions, fixture: Fixture | undefined): Engine {
  const { file, redactor, recordCommand, report, match = 'exact', repeat = 'error', normalize = [] } = options;
  const { timing = 'instant', chunking = 'recorded', unused = 'error', tools = 'real' } = options;
  const player = fixture && createPlayer({ fixture, file, redactor, recordCommand, match, repeat, normalize });
  const faults = createFaults();
  const missing = (what: string): ReplayError =>
    new ReplayError('ERR_REPLAY_MISS', toolMiss(what, fixture, options), { file, kind: 'tool' });
  const recordedTools =
    tools === 'recorded' ? toolReplay(fixture?.tools ?? [], redactor, (what) => report(missing(what))) : undefined;
  return {
    fault: faults.add,
    toolRecorder: recordedTools,
    drift: player?.drift ?? [],
    exchanges: () => fixture?.exchanges.filter((_, index) => player?.used.has(index)) ?? [],
    async answer(live) {
      if (!player || !fixture) throw noFixture(live, options);
      const index = player.find(live.recorded);
      const fault = faults.take(index);
      if (fault && 'status' in fault) return faultResponse(fault.status, fault.message);
      if (!fault) player.use(index, live.recorded);
      return playExchange(fixture.exchanges[index] as Exchange, {
        timing,
        chunking,
        signal: live.signal,
        cutAfterEvents: fault?.cutAfterEvents,
        onOverrun: () => report(overrun(index, options)),
      });
    },
    async finish() {
      const left = [...(fixture?.exchanges ?? []).keys()].filter((index) => !player?.used.has(index));
      if (unused === 'error' && left.length > 0) throw unusedSteps(left, fixture as Fixture, options);
    },
  };
}

export function recordEngine(options: EngineOptions, writes: boolean): Engine {
  const { file, test, redactor, prices, environment = process.env, now = Date.now, tools = 'real' } = options;
  const upstream: typeof fetch = options.fetch ?? ((...call) => realFetch()(...call));
  const budget = createBudget(environment);
  const recorder = createRecorder({ file, test, upstream, redactor, prices, budget, now });
  const recording = tools === 'recorded' ? toolRecording(redactor) : undefined;
  return {
    answer: recorder.call,
    toolRecorder: recording,
    fault: recorder.faults.add,
    drift: [],
    exchanges: recorder.exchanges,
    finish: async () => {
      if (writes) await recorder.save(recording?.records() ?? []);
    },
  };
}

function noFixture({ recorded }: LiveRequest, { file, recordCommand, test }: EngineOptions): ReplayError {
  const { host, pathname } = new URL(recorded.url);
  return new ReplayError(
    'ERR_REPLAY_NO_FIXTURE',
    [
      `${recorded.method} ${host}${pathname}${test === undefined ? '' : `  (${test})`}`,
      'Cause: this run was never recorded, and recording is off here (CI, or FIXTURE_REPLAY=replay).',
      `Record it where you have a key, and commit the file:  ${recordCommand}`,
      `Fixture: ${file}`,
    ].join('\n'),
    { file, step: 1 },
  );
}

function unusedSteps(
  left: readonly number[],
  { exchanges, test }: Fixture,
  { file, recordCommand }: EngineOptions,
): ReplayError {
  const shown = left.slice(0, maxListed).map((index) => {
    const { request } = exchanges[index] as Exchange;
    return `  step ${index + 1}: ${request.method} ${request.url}`;
  });
  return new ReplayError(
    'ERR_REPLAY_UNUSED',
    [
      `${left.length} of ${exchanges.length} recorded steps were not taken${test === undefined ? '' : `  (${test})`}`,
      ...shown,
      ...(left.length > maxListed ? [`  and ${left.length - maxListed} more`] : []),
      "Cause: the agent stopped earlier than at the recording. If that is right, record again, or set  unused: 'ignore'",
      `Record this test again:  ${recordCommand}`,
      `Fixture: ${file}`,
    ].join('\n'),
    { file, step: (left[0] ?? 0) + 1 },
  );
}

function overrun(index: number, { file, recordCommand }: EngineOptions): ReplayError {
  return new ReplayError(
    'ERR_REPLAY_MISS',
    [
      `step ${index + 1}: the client waits for more of an answer that it gave up at the recording, so the rest is not known.`,
      `Record this test again:  ${recordCommand}`,
      `Fixture: ${file}`,
    ].join('\n'),
    { file, step: index + 1, kind: 'longer' },
  );
}

function toolMiss(what: string, fixture: Fixture | undefined, { file, recordCommand }: EngineOptions): string {
  const tools = fixture?.tools ?? [];
  const known = tools.slice(0, maxListed).map(({ name, input }) => `  ${name}(${JSON.stringify(input)})`);
  return [
    `the tool call ${what} was not recorded, or not as often`,
    ...(known.length > 0
      ? ['The recording holds:', ...known]
      : ["The recording holds no results of tools: it was made without tools: 'recorded'."]),
    `Record this test again:  ${recordCommand}`,
    `Fixture: ${file}`,
  ].join('\n');
}
