/** What is known of when requests come. All times are ms since the epoch. */
export interface Arrivals {
  /** Probability that no request comes after `last` and up to `until`, as it stood right after the request at `last`. */
  quiet(last: number, until: number): number;
}

/** One way to see an arrival process, which learns from every request. */
export interface ArrivalExpert extends Arrivals {
  /** There was a request at `last`, and the next at `at`. */
  learn(last: number, at: number): void;
}

/** What is expected of a prefix before it was seen. */
export interface ExpectedTraffic {
  /** mean time between two requests, ms */
  readonly everyMs: number;
}
