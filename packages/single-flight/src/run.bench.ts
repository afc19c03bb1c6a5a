import { createSingleFlight } from './index.ts';

const CALLS = 50_000;
const ROUNDS = 15;

/** Answers at once, asynchronously: what is measured is the sharing and nothing else. */
async function work(): Promise<number> {
  return 1;
}

type Run = (key: string, work: () => Promise<number>) => Promise<number>;

/** The floor: no sharing at all. */
const noSharing: Run = (_key, work) => work();

/** A map of promises that forgets a key when its work ends: what one writes by hand, without a way for a caller to go. */
function mapOfPromises(): Run {
  const running = new Map<string, Promise<number>>();
  return (key, work) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const promise = work();
    running.set(key, promise);
    const forget = (): boolean => running.delete(key);
    promise.then(forget, forget);
    return promise;
  };
}

/** The shape of a memoizing wrapper: an async function that awaits the work and forgets the key in `finally`. */
function memoizer(): Run {
  const running = new Map<string, Promise<number>>();
  return (key, work) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const promise = (async () => {
      try {
        return await work();
      } finally {
        running.delete(key);
      }
    })();
    running.set(key, promise);
    return promise;
  };
}

const flight = createSingleFlight();
const { signal } = new AbortController();
const contestants: Readonly<Record<string, Run>> = {
  'no sharing': noSharing,
  'map of promises': mapOfPromises(),
  'memoizing wrapper': memoizer(),
  'single-flight': (key, work) => flight.run(key, work),
  'single-flight, with a signal': (key, work) => flight.run(key, work, { signal }),
};

/** Process CPU per call in nanoseconds. */
async function measure(run: Run): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call++) await run('key', work);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / CALLS;
}

async function assertShares(name: string, run: Run): Promise<void> {
  let started = 0;
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      run('shared', async () => {
        started++;
        return 7;
      }),
    ),
  );
  if (answers.some((answer) => answer !== 7) || started !== (name === 'no sharing' ? 100 : 1)) {
    throw new Error(`${name} gave wrong answers or did the work ${started} times`);
  }
}

const times = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
for (const [name, run] of Object.entries(contestants)) await assertShares(name, run);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contestants)) times.get(name)?.push(await measure(run));
}
const median = (name: string): number => (times.get(name) ?? []).sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
const floor = median('map of promises');
console.log(
  `run() on a key with nothing in flight: CPU per call, median of ${ROUNDS} interleaved rounds, ${process.version}`,
);
console.table(
  Object.fromEntries(
    Object.keys(contestants).map((name) => [
      name,
      { ns: Math.round(median(name)), 'of a map of promises': `${(median(name) / floor).toFixed(2)}x` },
    ]),
  ),
);
