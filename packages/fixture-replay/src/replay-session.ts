import type { Normalizer } from '@agent-cache/core-key';
import type { PriceList, Usage } from '@agent-cache/cost-table';
import type { ToolCall } from './conversation.ts';
import type { ReplayFault } from './fault.ts';
import type { Exchange, Totals } from './fixture-format.ts';
import type { MissKind } from './miss-kind.ts';
import type { ReplayMode } from './mode.ts';
import type { Chunking, Timing } from './play-exchange.ts';
import type { RedactOptions } from './redact.ts';

/** How a run is replayed. Every field has a default. */
export interface ReplayOptions {
  /**
   * `exact`: a request is answered by the recorded one with the same key, in the order of the recording where there are several.
   * `sequence`: a request without an equal is answered by the next recorded one to the same address with the same model and tools, and how it
   * differs goes into `drift`.
   * @default 'exact'
   */
  readonly match?: 'exact' | 'sequence' | undefined;
  /** what a request gets whose equals are all used up: an error, or the last of them again @default 'error' */
  readonly repeat?: 'error' | 'last' | undefined;
  /** whether recorded steps that the run did not take fail it @default 'error' */
  readonly unused?: 'error' | 'ignore' | undefined;
  /** request headers that count, beside method, address and body @default none */
  readonly headers?: readonly string[] | undefined;
  /** what does not count in bodies: `volatile.uuid()`, core-key's `omit('metadata')`, your own @default nothing */
  readonly normalize?: readonly Normalizer[] | undefined;
  /** when pieces of recorded streams arrive @default 'instant' */
  readonly timing?: Timing | undefined;
  /** in which pieces recorded bodies arrive @default 'recorded' */
  readonly chunking?: Chunking | undefined;
  /** whether tools given to `tools()` run, or give what they gave at the recording @default 'real' */
  readonly tools?: 'real' | 'recorded' | undefined;
  /** secrets beyond those that are always taken out */
  readonly redact?: RedactOptions | undefined;
  /** your own prices; models that they do not name are looked up in cost-table */
  readonly prices?: PriceList | undefined;
  /** what makes real calls @default the global `fetch` at the time of the call */
  readonly fetch?: typeof fetch | undefined;
}

/** Options of {@link openReplay}. */
export interface OpenReplayOptions extends ReplayOptions {
  /** the fixture, a `.json` file */
  readonly file: string;
  /** `FIXTURE_REPLAY` wins over it, and `CI` makes it `replay` @default 'auto' */
  readonly mode?: ReplayMode | undefined;
  /** name of the test, for reports and the fixture */
  readonly test?: string | undefined;
  /** what to type to record again, for reports @default 'FIXTURE_REPLAY=record' and your command */
  readonly recordCommand?: string | undefined;
  /** whether other tests run at the same time in this process, which forbids `install()` @default false */
  readonly concurrent?: boolean | undefined;
  /** variables that say the mode and the limit, and whose values are secrets where their names sound so @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** clock of the day of a recording and of its prices, in milliseconds @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** One request of the run with its answer. */
export interface ReplayStep {
  readonly exchange: Exchange;
  /** of the answer; 0 when none came */
  readonly status: number;
  /** what the model said; empty for other calls and failures */
  readonly text: string;
  /** tools that the model asked for */
  readonly calls: readonly ToolCall[];
  readonly usage: Usage | undefined;
  readonly costUsd: number | undefined;
}

/** One way in which a request differed from the recorded one whose answer it got. */
export interface Drift {
  /** 1 for the first recorded step */
  readonly step: number;
  readonly kind: MissKind;
  /** JSON Pointer into the body */
  readonly at: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A run that is being recorded or replayed. */
export interface ReplaySession extends AsyncDisposable {
  /** what happens to requests: `auto` has been decided */
  readonly mode: 'replay' | 'record' | 'live';
  readonly file: string;
  /** Give this to clients in the place of `fetch`. */
  readonly fetch: typeof fetch;
  /** the steps taken so far, in the order of the recording */
  readonly steps: readonly ReplayStep[];
  /** tokens and dollars of these steps, at the prices of the day of the recording */
  readonly usage: Totals;
  /** how requests differed, with `match: 'sequence'` */
  readonly drift: readonly Drift[];
  /** Wraps functions, or objects with an `execute` function, so that `tools: 'recorded'` can replay their results. */
  tools<Tools extends Readonly<Record<string, unknown>>>(tools: Tools): Tools;
  /** Makes a step fail before it succeeds. @throws TypeError for a fault that cannot be */
  fault(fault: ReplayFault): void;
  /**
   * Replaces the global `fetch`, for clients that take none, until disposed of or the session ends.
   * @throws ReplayError `ERR_REPLAY_CONCURRENT_INSTALL` when requests of others could be caught
   */
  install(): Disposable;
  /** Says that the run failed: nothing will be written. */
  fail(): void;
  /**
   * Says that the run succeeded: checks that every request was found and every step taken, and writes what was recorded.
   * @throws ReplayError the first miss, `ERR_REPLAY_UNUSED`, or `ERR_REPLAY_SECRET` when a secret cannot be taken out
   */
  commit(): Promise<void>;
  /** Ends the session. @throws ReplayError a miss that nobody was told of, even when the code under test swallowed it */
  [Symbol.asyncDispose](): Promise<void>;
}
