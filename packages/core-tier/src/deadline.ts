/** The promise's outcome, or a rejection with `late()` after `ms`. What comes after that is dropped; `onLate` hears of it, with the value if there is one. */
export function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
  late: () => Error,
  onLate?: (value: T | undefined) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(late());
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        if (over) onLate?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        if (over) onLate?.(undefined);
        else reject(error);
      },
    );
  });
}

/** The promise's outcome, or a rejection with the signal's own reason as soon as it aborts. Leaves no listener behind. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
