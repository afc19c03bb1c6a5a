import type { ArrivalExpert } from './arrivals.ts';

const HOUR_MS = 3_600_000;
/** How many times an hour of the profile is seen before half of what was seen first has faded. */
const HALF_LIFE_PERIODS = 10;
/** What the overall rate counts for in an hour that was never seen, in requests. */
const PRIOR_REQUESTS = 0.3;
/** Longer silences say no more. */
const MAX_HOURS = 24 * 21;

/** Which hours are taken to be alike: those of every day, those of working days and of weekends, or those of one day of the week. */
export type ProfileKind = 'daily' | 'working days' | 'weekly';

const slots = { daily: 24, 'working days': 48, weekly: 168 } as const;

/** 1970 began on a Thursday. */
function slotOf(kind: ProfileKind, at: number): number {
  const hour = Math.floor(at / HOUR_MS);
  if (kind === 'weekly') return hour % 168;
  const isWeekend = (Math.floor(hour / 24) + 3) % 7 > 4;
  return (hour % 24) + (kind === 'working days' && isWeekend ? 24 : 0);
}

/** Requests that come at a rate of their own in every hour of a day or week, in UTC. */
export function weeklyProfile(kind: ProfileKind): ArrivalExpert {
  const hours = slots[kind];
  const requests = new Float64Array(hours);
  const exposureMs = new Float64Array(hours);
  const keepPerHour = 0.5 ** (1 / HALF_LIFE_PERIODS);
  let allRequests = 1;
  let allMs = HOUR_MS;

  const hourOf = (at: number): number => slotOf(kind, at);
  const rateOf = (hour: number): number => {
    const overall = allRequests / allMs;
    return ((requests[hour] ?? 0) + PRIOR_REQUESTS) / ((exposureMs[hour] ?? 0) + PRIOR_REQUESTS / overall);
  };
  /** Calls `visit` with every hour of the profile between two moments and the ms spent in it. */
  const walk = (from: number, to: number, visit: (hour: number, ms: number) => void): void => {
    let at = Math.max(from, to - MAX_HOURS * HOUR_MS);
    while (at < to) {
      const end = Math.min(to, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
      visit(hourOf(at), end - at);
      at = end;
    }
  };
  return {
    quiet(last, until) {
      let expected = 0;
      walk(last, until, (hour, ms) => {
        expected += rateOf(hour) * ms;
      });
      return Math.exp(-expected);
    },
    learn(last, at) {
      walk(last, at, (hour, ms) => {
        const keep = keepPerHour ** (ms / HOUR_MS);
        requests[hour] = (requests[hour] ?? 0) * keep;
        exposureMs[hour] = (exposureMs[hour] ?? 0) * keep + ms;
      });
      requests[hourOf(at)] = (requests[hourOf(at)] ?? 0) + 1;
      allRequests += 1;
      allMs += at - last;
    },
  };
}
