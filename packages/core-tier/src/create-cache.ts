import type { Cache, CallOptions, CreateCacheOptions } from './cache.ts';
import { channels } from './channels.ts';
import { getOrSet } from './get-or-set.ts';
import { getOrSetMany } from './get-or-set-many.ts';
import { clearNamespace, deleteKey, invalidateTags } from './invalidate.ts';
import { getStored, peekStored } from './look-up.ts';
import { createPassThrough } from './off.ts';
import { openKey } from './open.ts';
import { settingsOf } from './options.ts';
import { setValue } from './set-value.ts';
import { createStack, type Stack } from './stack.ts';
import { followChanges } from './stack-change.ts';
import { giveBack } from './stack-read.ts';
import { warmKeys } from './warm.ts';

/**
 * A cache over one or more tiers, the fastest first. A value is computed once however many ask, in this process and, where a tier has
 * `claim`, among all that share it; a tier that fails or is slow costs a bounded delay; what was invalidated is not served again.
 * `AGENT_CACHE=off` in the environment makes it a pass-through that computes always and stores nothing.
 *
 * @throws TypeError or RangeError when options contradict each other or mean nothing; the message names them
 */
export function createCache(options: CreateCacheOptions): Cache {
  const settings = settingsOf(options);
  if (process.env.AGENT_CACHE === 'off') return createPassThrough(settings);
  const stack = createStack(settings);
  return cacheOver(stack, followChanges(stack));
}

function cacheOver(stack: Stack, stopFollowing: () => void): Cache {
  const { keyOf } = stack;
  const traced = <T>(operation: string, key: string | undefined, run: () => Promise<T>): Promise<T> => {
    if (!channels.operation.hasSubscribers) return run();
    return channels.operation.tracePromise(run, { namespace: stack.namespace, operation, key });
  };
  let closing: Promise<void> | undefined;
  return {
    get: <V>(key: string) => traced('get', key, () => getStored<V>(stack, keyOf(key))),
    peek: <V>(key: string) => peekStored<V>(stack, keyOf(key)),
    set: (key, value, callOptions) => traced('set', key, () => setValue(stack, keyOf(key), value, callOptions)),
    getOrSet: <V>(key: string, compute: Parameters<Cache['getOrSet']>[1], callOptions?: CallOptions) =>
      channels.operation.hasSubscribers
        ? traced('getOrSet', key, () => getOrSet<V>(stack, keyOf(key), compute as never, callOptions))
        : getOrSet<V>(stack, keyOf(key), compute as never, callOptions),
    getOrSetMany: (keys, computeMissing, callOptions) =>
      traced('getOrSetMany', undefined, () => getOrSetMany(stack, keys, computeMissing, callOptions)),
    open: <V>(key: string, callOptions: CallOptions = {}) =>
      traced('open', key, () => openKey<V>(stack, keyOf(key), callOptions)),
    delete: (key, { reason } = {}) => traced('delete', key, () => deleteKey(stack, keyOf(key), reason)),
    invalidate: ({ tags, reason }) => traced('invalidate', undefined, () => invalidateTags(stack, tags, reason)),
    clear: ({ reason } = {}) => traced('clear', undefined, () => clearNamespace(stack, reason)),
    warm: (keys) => traced('warm', undefined, () => warmKeys(stack, keys)),
    tier: (name) => stack.guards.find((guard) => guard.name === name)?.tier,
    stats: () => ({
      ...stack.counts,
      tiers: new Map(
        stack.guards.flatMap(({ name, tier }) => (tier.stats === undefined ? [] : [[name, tier.stats()]])),
      ),
    }),
    flush: () => flush(stack),
    close: () => {
      closing ??= close(stack, stopFollowing);
      return closing;
    },
  };
}

async function flush(stack: Stack): Promise<void> {
  await stack.background.idle();
  await Promise.all(stack.guards.map((guard) => stack.recovery.replay(guard)));
  await stack.background.idle();
}

async function close(stack: Stack, stopFollowing: () => void): Promise<void> {
  await flush(stack);
  stack.closed = true;
  stopFollowing();
  // What is still being computed here will not be stored; others need not wait for a lease that nobody will commit.
  for (const flight of stack.flights.all()) giveBack(stack, flight);
  await stack.background.idle();
  stack.recovery.stop();
  await Promise.all(stack.guards.map((guard) => guard.close()));
}
