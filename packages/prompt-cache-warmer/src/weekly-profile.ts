import type { ArrivalExpert } from './arrivals.ts';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
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

  /** Requests to be expected from the beginning of a week up to each of its hours. */
  const upTo = new Float64Array(WEEK_HOURS + 1);
  let isCurrent = false;

  const rateOf = (hour: number): number => {
    const overall = allRequests / allMs;
    return ((requests[hour] ?? 0) + PRIOR_REQUESTS) / ((exposureMs[hour] ?? 0) + PRIOR_REQUESTS / overall);
  };
  const addUp = (): void => {
    for (let hour = 0; hour < WEEK_HOURS; hour += 1) {
      upTo[hour + 1] = (upTo[hour] ?? 0) + rateOf(slotOf(kind, hour * HOUR_MS)) * HOUR_MS;
    }
    isCurrent = true;
  };
  /** Requests to be expected from the epoch on, which begins a week here. */
  const expectedUpTo = (at: number): number => {
    const hour = Math.floor(at / HOUR_MS);
    const week = Math.floor(hour / WEEK_HOURS);
    const inWeek = hour - week * WEEK_HOURS;
    const before = upTo[inWeek] ?? 0;
    const part = (at - hour * HOUR_MS) / HOUR_MS;
    return week * (upTo[WEEK_HOURS] ?? 0) + before + part * ((upTo[inWeek + 1] ?? 0) - before);
  };
  return {
    quiet(last, until) {
      if (!isCurrent) addUp();
      return Math.exp(expectedUpTo(last) - expectedUpTo(until));
    },
    learn(last, at) {
      let from = Math.max(last, at - MAX_HOURS * HOUR_MS);
      while (from < at) {
        const end = Math.min(at, (Math.floor(from / HOUR_MS) + 1) * HOUR_MS);
        const slot = slotOf(kind, from);
        const keep = keepPerHour ** ((end - from) / HOUR_MS);
        requests[slot] = (requests[slot] ?? 0) * keep;
        exposureMs[slot] = (exposureMs[slot] ?? 0) * keep + end - from;
        from = end;
      }
      const slot = slotOf(kind, at);
      requests[slot] = (requests[slot] ?? 0) + 1;
      allRequests += 1;
      allMs += at - last;
      isCurrent = false;
    },
  };
}
