import type { Entry } from './entry.ts';
import { freshnessOf } from './expiry.ts';
import type { Flight } from './flight.ts';
import type { Stack } from './stack.ts';

/** What a caller of a flight gets. */
export type Answer =
  | { readonly from: 'tier'; readonly entry: Entry; readonly tier: string; readonly stale: boolean }
  | { readonly from: 'computation'; readonly entry: Entry }
  /** what the flight brought was invalidated before this caller came, or it ended without a value: try again */
  | { readonly from: 'nowhere' };

/** The flight a caller who comes now may join: not one that began before an invalidation, nor before a call that wants newer. */
export function joinable(stack: Stack, key: string, refresh: boolean): Flight | undefined {
  const flight = stack.flights.get(key);
  if (flight === undefined || (refresh && (flight.computing || !flight.anew))) return undefined;
  return outlived(stack, flight, flight.tags, stack.tags.tick) ? undefined : flight;
}

/** The flight's answer for one caller, who gives up when its signal says so; `onFill` runs once it is known that a value is computed. */
export function follow(
  stack: Stack,
  flight: Flight,
  signal: AbortSignal | undefined,
  onFill?: () => void,
): Promise<Answer> {
  return flight.wait(answerOf(stack, flight, stack.tags.tick, onFill), signal);
}

async function answerOf(stack: Stack, flight: Flight, joinedAtTick: number, onFill?: () => void): Promise<Answer> {
  const found = await flight.opened;
  if (found.state === 'hit' && freshnessOf(found.entry, stack.settings.now()) !== 'dead') {
    const { entry, tier, stale } = found;
    if (flight.tick === joinedAtTick || stack.tags.judge(entry.epoch, entry.tags) === 'alive') {
      return { from: 'tier', entry, tier, stale };
    }
    return { from: 'nowhere' };
  }
  onFill?.();
  const entry = await flight.computed;
  if (entry === undefined || outlived(stack, flight, entry.tags, joinedAtTick)) return { from: 'nowhere' };
  return { from: 'computation', entry };
}

/** Whether an invalidation came after the flight began and before a caller did who came at `tick`. Not knowing counts as yes. */
export function outlived(stack: Stack, flight: Flight, tags: readonly string[] | undefined, tick: number): boolean {
  if (flight.tick === tick) return false;
  return flight.epoch === undefined || stack.tags.judge(flight.epoch, tags) !== 'alive';
}
