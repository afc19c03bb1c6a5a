/** What a session does with a request. */
export type ReplayMode =
  /** replays; records a run that has no fixture yet */
  | 'auto'
  /** replays and never calls anyone */
  | 'replay'
  /** calls, and replaces the fixture */
  | 'record'
  /** calls, and writes nothing */
  | 'live';

type Environment = Readonly<Record<string, string | undefined>>;

const modes: readonly string[] = ['auto', 'replay', 'record', 'live'] satisfies readonly ReplayMode[];

/**
 * The mode in force. The variable `FIXTURE_REPLAY` wins over everything; without it, nothing is recorded where `CI` is set.
 * @throws TypeError when the variable holds something else than a mode
 */
export function modeInForce(wanted: ReplayMode | undefined, environment: Environment): ReplayMode {
  const { FIXTURE_REPLAY: stated } = environment;
  if (stated) {
    if (!modes.includes(stated)) throw new TypeError(`FIXTURE_REPLAY is "${stated}"; it can be ${modes.join(', ')}.`);
    return stated as ReplayMode;
  }
  return isContinuousIntegration(environment) ? 'replay' : (wanted ?? 'auto');
}

function isContinuousIntegration({ CI: stated }: Environment): boolean {
  return stated !== undefined && !['', '0', 'false'].includes(stated.toLowerCase());
}
