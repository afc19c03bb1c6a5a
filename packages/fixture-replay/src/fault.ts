/** Something that goes wrong with one recorded step. The step itself stays as it was recorded, for the attempt after. */
export type ReplayFault = {
  /** 1 for the first request of the recording */
  readonly step: number;
  /** how many attempts it befalls @default 1 */
  readonly times?: number | undefined;
} & (
  | {
      /** answers with this status instead */
      readonly status: number;
      /** the error's message @default a plain one */
      readonly message?: string | undefined;
    }
  | {
      /** breaks the recorded stream off after so many events */
      readonly cutAfterEvents: number;
    }
);

/** The faults of a session that are still to come. */
export interface Faults {
  /** @throws TypeError for a step, a count or a status that cannot be */
  add(fault: ReplayFault): void;
  /** The fault that befalls this attempt at a step (from 0); each attempt uses one up. */
  take(index: number): ReplayFault | undefined;
  /** Is a fault waiting for this step? */
  awaits(index: number): boolean;
}

export function createFaults(): Faults {
  const waiting: { readonly fault: ReplayFault; left: number }[] = [];
  const find = (index: number) => waiting.find(({ fault, left }) => left > 0 && fault.step === index + 1);
  return {
    add(fault) {
      const { step, times = 1 } = fault;
      const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
      if (!isCount(step, 1)) throw new TypeError(`fault({ step }) counts from 1, got ${step}.`);
      if (!isCount(times, 1)) throw new TypeError(`fault({ times }) must be a positive integer, got ${times}.`);
      if ('status' in fault ? !isCount(fault.status, 400) || fault.status > 599 : !isCount(fault.cutAfterEvents, 0)) {
        throw new TypeError('fault() takes a `status` from 400 to 599, or `cutAfterEvents` of 0 or more.');
      }
      waiting.push({ fault, left: times });
    },
    take(index) {
      const found = find(index);
      if (found) found.left -= 1;
      return found?.fault;
    },
    awaits: (index) => find(index) !== undefined,
  };
}

/** The answer of a step that fails; clients may try again at once. */
export function faultResponse(status: number, message = `${status} (a fault made by this test)`): Response {
  const headers = { 'content-type': 'application/json', 'retry-after-ms': '1', 'retry-after': '0' };
  return new Response(JSON.stringify({ type: 'error', error: { type: 'fixture_replay_fault', message } }), {
    status,
    headers,
  });
}
