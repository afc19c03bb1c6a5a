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

/** How a caller comes to a flight. */
export interface Following {
  /** Runs once it is known that a value is computed. */
  readonly onFill?: (() => void) | undefined;
  /** The flight began before this caller came. */
  readonly late?: boolean | undefined;
}

/** The flight's answer for one caller, who gives up when its signal says so. */
export function follow(
  stack: Stack,
  flight: Flight,
  signal: AbortSignal | undefined,
  following: Following,
): Promise<Answer> {
  return flight.wait(answerOf(stack, flight, stack.tags, following), signal);
}

async function answerOf(
  stack: Stack,
  flight: Flight,
  { tick: joinedAtTick, news }: { readonly tick: number; readonly news: number },
  { onFill, late = false }: Following,
): Promise<Answer> {
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
  if (late && overtaken(stack, flight, entry.tags, news)) return { from: 'nowhere' };
  return { from: 'computation', entry };
}

/** Whether an invalidation came after the flight began and before a caller did who came at `tick`. Not knowing counts as yes. */
export function outlived(stack: Stack, flight: Flight, tags: readonly string[] | undefined, tick: number): boolean {
  if (flight.tick === tick) return false;
  return flight.epoch === undefined || stack.tags.judge(flight.epoch, tags) !== 'alive';
}

/**
 * Whether somebody elsewhere invalidated the flight. News take their time, so the caller may have come after that, and before we heard of it.
 * A flight that began after a caller came is always good enough for it: it asks twice at most.
 */
export function overtaken(stack: Stack, flight: Flight, tags: readonly string[] | undefined, news: number): boolean {
  if (flight.overtaken) return true;
  return stack.tags.news !== news && stack.tags.judge(flight.epoch, tags) === 'dead';
}
