import type { GuardedTier } from './guarded-tier.ts';
import type { Stack } from './stack.ts';
import type { Change } from './tier.ts';

/** Follows what others change in the shared tiers; returns how to stop. */
export function followChanges(stack: Stack): () => void {
  const stops: (() => void)[] = [];
  for (const guard of stack.guards) {
    const stop = guard.tier.onChange?.((change) => onChange(stack, guard, change));
    if (stop !== undefined) stops.push(stop);
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

function onChange(stack: Stack, guard: GuardedTier, change: Change): void {
  if (change === 'unsure') {
    stack.doubted.add(guard);
    if (guard === stack.authority) stack.tags.unsure();
  } else if (change === 'in-step') stack.background.track(backInStep(stack, guard));
  else if (change === 'all') forgetAbove(stack, guard);
  else if ('keys' in change) for (const key of change.keys) forgetKey(stack, guard, key);
  else if (guard === stack.authority) stack.tags.heard(change.tags, change.epoch);
}

function forgetKey(stack: Stack, changed: GuardedTier, key: string): void {
  stack.flights.fence(key, false);
  for (const guard of above(stack, changed)) {
    if (guard.index < stack.leading.length) guard.removeNow(key);
    else stack.background.track(guard.remove(key));
  }
}

function forgetAbove(stack: Stack, changed: GuardedTier): void {
  stack.flights.fenceAll(false);
  for (const guard of above(stack, changed)) guard.forgetAll(stack.background);
}

/**
 * The link is sound again. Deletes advance the sequence as bumps do but leave no name, so copies above survive only when it stands where
 * we left it; a tier without the authority cannot tell, so its copies go.
 */
async function backInStep(stack: Stack, guard: GuardedTier): Promise<void> {
  if (!stack.doubted.has(guard)) return;
  const before = stack.tags.complete;
  if (guard === stack.authority) {
    stack.tags.sound();
    // When it cannot be asked now, the next read asks again: until then nothing above is served.
    await stack.tags.catchUp();
  }
  const after = stack.tags.complete;
  const same =
    guard === stack.authority && before?.generation === after?.generation && before?.sequence === after?.sequence;
  if (!same) forgetAbove(stack, guard);
  stack.doubted.delete(guard);
}

function above(stack: Stack, changed: GuardedTier): readonly GuardedTier[] {
  return stack.guards.slice(0, changed.index);
}
