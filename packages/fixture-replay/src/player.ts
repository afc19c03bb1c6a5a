import { canonicalJson } from '@agent-cache/core-key';
import { formatOf, modelOf } from './answer.ts';
import { toolsOf } from './conversation.ts';
import { ReplayError } from './errors.ts';
import type { Fixture, RecordedRequest } from './fixture-format.ts';
import { objectOf } from './json-value.ts';
import { matchKey } from './match-key.ts';
import { changesBetween } from './miss-kind.ts';
import { missReport } from './miss-report.ts';
import type { Redactor } from './redact.ts';
import type { Drift, ReplayOptions } from './replay-session.ts';
import { pointerOf } from './value-diff.ts';

/** Finds the recorded exchange that answers a request. */
export interface Player {
  /** Index of the exchange, without using it up. @throws ReplayError `ERR_REPLAY_MISS` or `ERR_REPLAY_EXHAUSTED` */
  find(request: RecordedRequest): number;
  use(index: number, request: RecordedRequest): void;
  readonly used: ReadonlySet<number>;
  readonly drift: readonly Drift[];
}

export interface PlayerOptions {
  readonly match: NonNullable<ReplayOptions['match']>;
  readonly repeat: NonNullable<ReplayOptions['repeat']>;
  readonly normalize: NonNullable<ReplayOptions['normalize']>;
  readonly fixture: Fixture;
  readonly file: string;
  readonly redactor: Redactor;
  readonly recordCommand: string;
}

export function createPlayer(options: PlayerOptions): Player {
  const { fixture, match, repeat, normalize, redactor } = options;
  const used = new Set<number>();
  const drift: Drift[] = [];
  let keys: Map<string, number[]> | undefined;
  let requests = 0;
  const keyOf = (request: RecordedRequest): string => matchKey(request, normalize);
  // Secrets are told today by the rules of today, so recorded requests go through them as well.
  const recorded = fixture.exchanges.map(
    ({ request }) =>
      () =>
        redactor.value(request) as RecordedRequest,
  );
  const queues = (): Map<string, number[]> => {
    keys ??= Map.groupBy(recorded.keys(), (index) => keyOf((recorded[index] as () => RecordedRequest)()));
    return keys;
  };
  const isFree = (index: number): boolean => !used.has(index);

  const miss = (request: RecordedRequest): ReplayError => {
    const { file, recordCommand } = options;
    const { kind, text } = missReport({ request, fixture, used, step: requests, file, recordCommand });
    return new ReplayError('ERR_REPLAY_MISS', text, { file, step: requests, kind });
  };
  return {
    used,
    drift,
    find(request) {
      requests += 1;
      const equals = queues().get(keyOf(request)) ?? [];
      const next = equals.find(isFree) ?? (repeat === 'last' ? equals.at(-1) : undefined);
      if (next !== undefined) return next;
      const inOrder =
        match === 'sequence' ? recorded.findIndex((_, index) => isFree(index) && isAlike(fixture, index, request)) : -1;
      if (inOrder >= 0) return inOrder;
      if (equals.length > 0) throw exhausted(request, equals.length, requests, options);
      throw miss(request);
    },
    use(index, request) {
      used.add(index);
      const before = (recorded[index] as () => RecordedRequest)();
      if (match === 'exact' || keyOf(before) === keyOf(request)) return;
      for (const { kind, difference } of changesBetween(before, request)) {
        drift.push({
          step: index + 1,
          kind,
          at: pointerOf(difference.path),
          before: difference.before,
          after: difference.after,
        });
      }
    },
  };
}

/** May another wording get this answer? Only from the same address and model, with tools that have the same names and arguments. */
function isAlike(fixture: Fixture, index: number, request: RecordedRequest): boolean {
  const recorded = fixture.exchanges[index]?.request;
  if (!recorded || recorded.method !== request.method || recorded.url !== request.url) return false;
  if (!formatOf(recorded) || modelOf(recorded) !== modelOf(request)) return false;
  return toolShapes(recorded.body) === toolShapes(request.body);
}

function toolShapes(body: unknown): string {
  return canonicalJson([...toolsOf(body)].map(([name, tool]) => [name, shapeOf(tool)]).sort());
}

/** A tool's argument schema, under the name that each API has for it; descriptions are wording. */
function shapeOf(tool: unknown): unknown {
  const { function: fn, parameters, input_schema: schema, parametersJsonSchema } = objectOf(tool);
  return objectOf(fn).parameters ?? parameters ?? schema ?? parametersJsonSchema ?? null;
}

function exhausted(
  request: RecordedRequest,
  times: number,
  step: number,
  { file, fixture, recordCommand }: PlayerOptions,
): ReplayError {
  const name = fixture.test === undefined ? '' : `  (${fixture.test})`;
  const often = times === 1 ? 'once' : `${times} times`;
  return new ReplayError(
    'ERR_REPLAY_EXHAUSTED',
    [
      `step ${step} of ${fixture.exchanges.length}, ${request.method} ${new URL(request.url).host}${new URL(request.url).pathname}${name}`,
      `Cause: the recording holds this very request ${often}, and it came once more: does the agent loop?`,
      `If it may be asked again and again, set  repeat: 'last'`,
      `Record this test again:  ${recordCommand}`,
      `Fixture: ${file}`,
    ].join('\n'),
    { file, step },
  );
}
