/** Calls `run` once after `delayMs`; the result cancels it. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** A timer that does not keep the process alive. */
export const scheduleUnref: Schedule = (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
