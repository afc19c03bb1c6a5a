import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cache } from './cache.ts';
import { createCache } from './create-cache.ts';
import { sharedServer } from './test-server.ts';
import { type Around, handClock, mapTier, slowTier, turns } from './test-tiers.ts';
import type { Tier } from './tier.ts';

type Step =
  | {
      readonly do: 'get' | 'peek' | 'getOrSet' | 'delete' | 'open' | 'refresh';
      readonly key: number;
      readonly by: number;
    }
  | { readonly do: 'set'; readonly key: number; readonly by: number }
  | { readonly do: 'invalidate'; readonly tag: number; readonly by: number }
  | { readonly do: 'clear' | 'many'; readonly by: number }
  | { readonly do: 'wait'; readonly turns: number };

const key = fc.nat({ max: 2 });
const by = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('get', 'peek', 'open', 'refresh'), key, by }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('getOrSet'), key, by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete', 'set'), key, by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('invalidate'), tag: fc.nat({ max: 1 }), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear', 'many'), by }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait'), turns: fc.integer({ min: 1, max: 8 }) }) },
) as fc.Arbitrary<Step>;

/** Values say which key they are of and when their computation began, on a counter that every operation advances. */
interface Value {
  readonly key: string;
  readonly bornAt: number;
}

const keys = ['a', 'b', 'c'];
const tagsOf = (name: string): string[] => (name === 'a' ? ['t0'] : name === 'b' ? ['t0', 't1'] : []);

interface World {
  readonly caches: readonly Cache[];
  /** other processes hear of an invalidation a little later */
  readonly lagging: boolean;
}

/** Delays every step of the tier by a number of turns drawn from the run. */
function shaken(tier: ReturnType<typeof slowTier>, delays: readonly number[]): Tier {
  let at = 0;
  const wait = async (): Promise<void> => {
    at += 1;
    await turns(delays[at % delays.length] ?? 0);
  };
  tier.before = wait;
  tier.after = wait;
  return tier;
}

/** Throws at the places drawn from the run, before or after the step took effect. */
function failing<T extends { before: Around; after: Around }>(tier: T, delays: readonly number[]): T {
  let at = 0;
  const around: Around = (operation) => {
    at += 1;
    const drawn = delays[at % delays.length] ?? 0;
    if (drawn > 4) throw new Error(`down at ${operation}`);
    return turns(drawn);
  };
  tier.before = around;
  tier.after = around;
  return tier;
}

const worlds: Record<string, (delays: readonly number[]) => World> = {
  memory: () => ({ caches: [createCache({ tiers: [mapTier()] })], lagging: false }),
  'memory and slow': (delays) => ({
    caches: [createCache({ tiers: [mapTier(), shaken(slowTier(), delays)] })],
    lagging: false,
  }),
  'two memories and two slow': (delays) => ({
    caches: [
      createCache({
        tiers: [
          mapTier('m1'),
          mapTier('m2'),
          shaken(slowTier('s1'), delays),
          shaken(slowTier('s2'), [...delays].reverse()),
        ],
      }),
    ],
    lagging: false,
  }),
  'memory and a tier that fails now and then': (delays) => ({
    caches: [createCache({ tiers: [mapTier(), failing(slowTier(), delays)], breaker: false })],
    lagging: false,
  }),
  'a memory and a tier that both fail, with breakers': (delays) => ({
    caches: [
      createCache({
        tiers: [failing(mapTier(), delays), failing(slowTier(), delays)],
        breaker: { failures: 2, openMs: 1 },
        now: handClock(),
      }),
    ],
    lagging: false,
  }),
  'memory and a shared tier that fails now and then': (delays) => {
    const server = sharedServer();
    const shared = failing(server.connect(), delays);
    // The heartbeat ends the lease of a process that could not commit or release it, or never heard that it got it.
    const [before, after] = [shared.before, shared.after];
    const ending = (around: Around): Around => {
      return async (operation, key) => {
        try {
          await around(operation, key);
        } catch (error) {
          if (key !== undefined) void turns(9).then(() => server.expireLease(key));
          throw error;
        }
      };
    };
    shared.before = ending(before);
    shared.after = ending(after);
    return { caches: [createCache({ tiers: [mapTier(), shared], breaker: false })], lagging: false };
  },
  'memory, slow and shared': (delays) => {
    const shared = sharedServer().connect();
    let at = 0;
    shared.before = async () => {
      at += 1;
      await turns(delays[at % delays.length] ?? 0);
    };
    return { caches: [createCache({ tiers: [mapTier(), shaken(slowTier(), delays), shared] })], lagging: false };
  },
  'two processes on one shared tier': (delays) => {
    const server = sharedServer();
    const caches = [0, 1].map((offset) => {
      const shared = server.connect();
      let at = offset;
      shared.before = async () => {
        at += 1;
        await turns(delays[at % delays.length] ?? 0);
      };
      return createCache({ tiers: [mapTier(), shared] });
    });
    return { caches, lagging: true };
  },
};

async function play(world: World, steps: readonly Step[]): Promise<void> {
  let time = 0;
  /** per key: when the last invalidation that was done before now had begun */
  const deadBefore = new Map<string, number>();
  const computing = new Map<string, number>();
  const running: Promise<void>[] = [];
  let refreshes = 0;
  let invalidations = 0;

  const tick = (): number => {
    time += 1;
    return time;
  };
  const kill = (names: readonly string[], began: number): void => {
    for (const name of names) deadBefore.set(name, Math.max(deadBefore.get(name) ?? 0, began));
  };
  const check = (name: string, value: Value | undefined, floor: number): void => {
    if (value === undefined) return;
    expect(value.key).toBe(name);
    expect(value.bornAt, `${name} was invalidated before the call`).toBeGreaterThanOrEqual(floor);
  };
  const compute = (name: string, cache: Cache) => async (): Promise<Value> => {
    const bornAt = tick();
    const id = world.caches.length > 1 ? name : `${world.caches.indexOf(cache)} ${name}`;
    const running = (computing.get(id) ?? 0) + 1;
    computing.set(id, running);
    // A refresh and an invalidation start a computation beside the older one; nothing else may.
    if (refreshes + invalidations === 0) expect(running).toBe(1);
    await turns(bornAt % 5);
    computing.set(id, (computing.get(id) ?? 1) - 1);
    return { key: name, bornAt };
  };
  const run = async (one: Step): Promise<void> => {
    if (one.do === 'wait') return;
    const cache = world.caches[one.by % world.caches.length] as Cache;
    const began = tick();
    if (one.do === 'invalidate') {
      invalidations += 1;
      await cache.invalidate({ tags: [`t${one.tag}`] });
      kill(
        keys.filter((name) => tagsOf(name).includes(`t${one.tag}`)),
        began,
      );
      return;
    }
    if (one.do === 'clear') {
      invalidations += 1;
      await cache.clear();
      kill(keys, began);
      return;
    }
    if (one.do === 'many') {
      const floors = keys.map((name) => deadBefore.get(name) ?? 0);
      const values = await cache.getOrSetMany<Value>(
        keys.slice(2),
        (names) => Promise.all(names.map((name) => compute(name, cache)())),
        { tags: tagsOf('c') },
      );
      check('c', values[0], floors[2] ?? 0);
      return;
    }
    const name = keys['key' in one ? one.key : 0] as string;
    const floor = deadBefore.get(name) ?? 0;
    const options = { tags: tagsOf(name) };
    if (one.do === 'get') check(name, await cache.get<Value>(name), floor);
    else if (one.do === 'peek') check(name, cache.peek<Value>(name), floor);
    else if (one.do === 'getOrSet') check(name, await cache.getOrSet(name, compute(name, cache), options), floor);
    else if (one.do === 'refresh') {
      refreshes += 1;
      const value = await cache.getOrSet(name, compute(name, cache), { ...options, refresh: true });
      check(name, value, world.caches.length === 1 ? Math.max(floor, began) : floor);
    } else if (one.do === 'delete') {
      invalidations += 1;
      await cache.delete(name);
      kill([name], began);
    } else if (one.do === 'set') {
      invalidations += 1;
      await cache.set(name, { key: name, bornAt: tick() } satisfies Value, options);
      kill([name], began);
    } else {
      const opened = await cache.open<Value>(name, options);
      if (opened.state === 'hit') check(name, opened.value, floor);
      else if (opened.state === 'join') check(name, await opened.value.catch(() => undefined), floor);
      else await opened.commit(await compute(name, cache)());
    }
  };
  for (const one of steps) {
    if (one.do === 'wait') await turns(one.turns);
    else running.push(run(one));
    // What another process invalidated is known here once its announcement had time to arrive.
    if (world.lagging && (one.do === 'invalidate' || one.do === 'delete' || one.do === 'clear' || one.do === 'set')) {
      await Promise.all(running.splice(0));
      await turns(60);
    }
  }
  await Promise.all(running);
  await Promise.all(world.caches.map((cache) => cache.flush()));
  for (const name of keys) {
    for (const cache of world.caches) check(name, await cache.get<Value>(name), deadBefore.get(name) ?? 0);
  }
}

test.each(Object.entries(worlds))(
  'whatever the interleaving over %s: no value of another key, none invalidated before the call, one computation at a time',
  async (_name, world) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 25 }),
        fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 7 }),
        async (steps, delays) => {
          await play(world(delays), steps);
        },
      ),
      { numRuns: Number(process.env.LAW_RUNS ?? 400) },
    );
  },
);
