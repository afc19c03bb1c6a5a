import { answerOf } from './answer.ts';
import { type Engine, type EngineOptions, recordEngine, replayEngine } from './engine.ts';
import { ReplayError } from './errors.ts';
import { readFixture } from './fixture-file.ts';
import type { Exchange } from './fixture-format.ts';
import { installFetch, openSessions } from './install-fetch.ts';
import { readRequest } from './live-request.ts';
import { modeInForce } from './mode.ts';
import { wrapTools } from './recorded-tools.ts';
import { createRedactor, type Redactor } from './redact.ts';
import type { OpenReplayOptions, ReplaySession, ReplayStep } from './replay-session.ts';
import { totalsOf } from './totals.ts';

/**
 * Opens a fixture: to replay the run it holds, or to record one. Say `commit()` when the run succeeded, and dispose of the session.
 *
 * @throws ReplayError `ERR_REPLAY_FORMAT` when the file is no fixture
 * @throws TypeError for an option, or a variable of the environment, that cannot be
 *
 * @example
 * await using session = await openReplay({ file: 'fixtures/run.json' });
 * const openai = new OpenAI({ fetch: session.fetch });
 * // …
 * await session.commit();
 */
export async function openReplay(options: OpenReplayOptions): Promise<ReplaySession> {
  const { file, environment = process.env, redact = {} } = options;
  const { recordCommand = 'run it again with FIXTURE_REPLAY=record' } = options;
  checkOptions(options);
  const mode = modeInForce(options.mode, environment);
  const fixture = mode === 'auto' || mode === 'replay' ? await readFixture(file) : undefined;
  const decided = mode === 'auto' ? (fixture ? 'replay' : 'record') : mode;
  const redactor = createRedactor(redact, environment);
  const problems = createProblems();
  const engineOptions: EngineOptions = { ...options, redactor, recordCommand, report: problems.report };
  const engine =
    decided === 'replay' ? replayEngine(engineOptions, fixture) : recordEngine(engineOptions, decided === 'record');
  return sessionOf(decided, options, { engine, redactor, problems });
}

function checkOptions({ file, timing, chunking }: OpenReplayOptions): void {
  if (!file.endsWith('.json')) throw new TypeError(`openReplay({ file }) must name a .json file, got ${file}.`);
  if (typeof timing === 'object' && !(timing.scale >= 0 && (timing.maxGapMs ?? 0) >= 0)) {
    throw new TypeError(
      `openReplay({ timing }) needs a scale and a maxGapMs of 0 or more, got ${JSON.stringify(timing)}.`,
    );
  }
  if (typeof chunking === 'object' && !Number.isInteger(chunking.seed)) {
    throw new TypeError(`openReplay({ chunking: { seed } }) must be an integer, got ${chunking.seed}.`);
  }
}

/** Errors that were handed to the code under test, which may hide them, and whether a person has been told. */
interface Problems {
  report(error: ReplayError): ReplayError;
  /** the first that nobody was told of, which counts as told from now on */
  tell(): ReplayError | undefined;
}

function createProblems(): Problems {
  const untold: ReplayError[] = [];
  return {
    report(error) {
      untold.push(error);
      return error;
    },
    // What follows a first miss follows from it.
    tell: () => untold.splice(0)[0],
  };
}

interface Parts {
  readonly engine: Engine;
  readonly redactor: Redactor;
  readonly problems: Problems;
}

function sessionOf(
  mode: ReplaySession['mode'],
  options: OpenReplayOptions,
  { engine, redactor, problems }: Parts,
): ReplaySession {
  const { file, headers = [], redact = {}, concurrent = false } = options;
  const reading = { redactor, headers: headers.map((name) => name.toLowerCase()), fields: redact.fields ?? [] };
  let verdict: 'open' | 'failed' | 'committed' = 'open';
  let installed: Disposable | undefined;

  const replayFetch: typeof fetch = async (input, init) => {
    const live = await readRequest(input, init, reading);
    try {
      return await engine.answer(live);
    } catch (error) {
      if (!ReplayError.isInstance(error)) throw error;
      return missResponse(problems.report(error));
    }
  };
  const session: ReplaySession = {
    mode,
    file,
    fetch: replayFetch,
    get steps() {
      return engine.exchanges().map(stepOf);
    },
    get usage() {
      return totalsOf(engine.exchanges());
    },
    get drift() {
      return engine.drift;
    },
    tools: (tools) => (engine.toolRecorder ? wrapTools(tools, engine.toolRecorder) : tools),
    fault: engine.fault,
    install() {
      installed = installFetch(session, replayFetch, concurrent);
      return installed;
    },
    fail() {
      verdict = 'failed';
    },
    async commit() {
      const problem = problems.tell();
      if (problem) verdict = 'failed';
      if (problem) throw problem;
      if (verdict !== 'open') return;
      verdict = 'committed';
      await engine.finish();
    },
    async [Symbol.asyncDispose]() {
      installed?.[Symbol.dispose]();
      openSessions().delete(session);
      const problem = problems.tell();
      if (problem) throw problem;
      if (mode === 'record' && verdict === 'open' && engine.exchanges().length > 0) warnNotCommitted(file);
    },
  };
  openSessions().add(session);
  return session;
}

function warnNotCommitted(file: string): void {
  process.emitWarning(
    `The recording for ${file} was not saved: call commit() when the run has succeeded, or fail() when not.`,
    {
      code: 'FIXTURE_REPLAY_NOT_COMMITTED',
    },
  );
}

/**
 * An error in the only form that every client hands on: a 400 is not tried again, and its message is shown. A `fetch` that throws, or a 5xx, is
 * tried three times and reported as a connection error.
 */
function missResponse({ code, message }: ReplayError): Response {
  const body = { type: 'error', error: { type: 'fixture_replay', code, param: null, message } };
  return new Response(JSON.stringify(body), {
    status: 400,
    headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
  });
}

function stepOf(exchange: Exchange): ReplayStep {
  const answer = answerOf(exchange);
  return {
    exchange,
    status: exchange.response?.status ?? 0,
    text: answer?.text ?? '',
    calls: answer?.calls ?? [],
    usage: exchange.usage,
    costUsd: exchange.costUsd,
  };
}
