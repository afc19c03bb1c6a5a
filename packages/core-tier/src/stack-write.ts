import type { CallOptions } from './cache.ts';
import type { Entry, EntryCost } from './entry.ts';
import { lifeFrom } from './expiry.ts';
import type { Flight } from './flight.ts';
import type { GuardedTier } from './guarded-tier.ts';
import { reportStore } from './report.ts';
import { type Stack, takeIn } from './stack.ts';
import { giveBack, takeLease } from './stack-read.ts';
import type { Epoch } from './tags.ts';

export type StoreOutcome = 'stored' | 'fenced' | 'unstored';

/** How a value is to be kept, from the call and from what the computation said. */
export interface Keeping extends CallOptions {
  readonly skipStore?: boolean | undefined;
  readonly copied?: boolean | undefined;
}

interface Draft {
  readonly value: unknown;
  readonly kind: 'value' | 'absent' | 'error';
  readonly createdAt: number;
  readonly epoch: Epoch | undefined;
  readonly ttlMs: number;
  readonly tags?: readonly string[] | undefined;
  readonly staleMs?: number | undefined;
  readonly cost?: EntryCost | undefined;
}

/** How long a value of this kind is kept: 0 when it is not. */
export function ttlOf(stack: Stack, kind: Draft['kind'], keeping: Keeping): number {
  if (keeping.skipStore === true || stack.closed) return 0;
  if (kind === 'absent') return stack.settings.absentMs;
  if (kind === 'error') return stack.settings.errorMs;
  return keeping.ttlMs ?? stack.settings.ttlMs;
}

export function entryOf(stack: Stack, draft: Draft): Entry {
  const { settings } = stack;
  const { ttlMs, staleMs = settings.staleMs, tags, kind } = draft;
  const { jitter, random } = settings;
  // A negative entry ends when it ends: serving an old failure while trying again would hide that it is over.
  const life = lifeFrom(settings.now(), { ttlMs, staleMs: kind === 'value' ? staleMs : 0, jitter, random });
  // Always the same fields in the same order: reads of such objects are fast.
  return {
    value: takeIn(stack, draft.value),
    createdAt: draft.createdAt,
    expiresAt: life.expiresAt,
    staleUntil: life.staleUntil,
    tags: tags === undefined || tags.length === 0 ? undefined : [...new Set(tags)],
    epoch: draft.epoch,
    kind: kind === 'value' ? undefined : kind,
    cost: draft.cost,
  };
}

/** Writes what a flight computed, unless its key or a tag was invalidated since it began. Never rejects. */
export async function storeComputed(
  stack: Stack,
  flight: Flight,
  entry: Entry,
  ttlMs: number,
  copied = false,
): Promise<StoreOutcome> {
  const written: string[] = [];
  const outcome = await storeInto(stack, flight, entry, ttlMs, written);
  reportStore(stack.namespace, flight.key, outcome, written, entry.cost, copied);
  return outcome;
}

async function storeInto(
  stack: Stack,
  flight: Flight,
  entry: Entry,
  ttlMs: number,
  written: string[],
): Promise<StoreOutcome> {
  const fenced = isFenced(stack, flight, entry);
  if (fenced || ttlMs === 0 || entry.epoch === undefined) {
    giveBack(stack, flight);
    return fenced ? 'fenced' : 'unstored';
  }
  const gate = gateOf(stack, flight);
  if (gate !== undefined) {
    const options = gate === stack.authority ? { ifEpoch: entry.epoch } : undefined;
    const outcome = await gate.fill(flight.key, entry, options, takeLease(flight));
    if (outcome === 'refused' || isFenced(stack, flight, entry)) return 'fenced';
    if (outcome === 'stored') written.push(gate.name);
  }
  await fillRest(stack, flight.key, entry, gate, written);
  return written.length > 0 ? 'stored' : 'unstored';
}

/** The tier whose word decides whether the value is still wanted: it is written before the others. */
function gateOf(stack: Stack, flight: Flight): GuardedTier | undefined {
  if (flight.lease !== undefined) return stack.claimer;
  const { authority } = stack;
  return authority !== undefined && authority.index >= stack.leading.length ? authority : undefined;
}

async function fillRest(
  stack: Stack,
  key: string,
  entry: Entry,
  gate: GuardedTier | undefined,
  written: string[],
): Promise<void> {
  for (const guard of stack.leading) if (guard.writeNow(key, entry)) written.push(guard.name);
  if (stack.lower.length === 0) return;
  const fills = stack.lower.map(async (guard) => {
    if (guard !== gate && (await guard.fill(key, entry)) === 'stored') written.push(guard.name);
  });
  await Promise.all(fills);
}

function isFenced(stack: Stack, flight: Flight, entry: Entry): boolean {
  if (flight.fenced) return true;
  if (flight.tick === stack.tags.tick || entry.epoch === undefined) return false;
  return stack.tags.judge(entry.epoch, entry.tags) === 'dead';
}

/** Writes a value that the caller brought, to every tier. */
export async function writeEverywhere(stack: Stack, key: string, entry: Entry): Promise<void> {
  stack.flights.fence(key, true);
  const written: string[] = [];
  for (const guard of stack.leading) if (guard.writeNow(key, entry)) written.push(guard.name);
  const writes = stack.lower.map(async (guard) => {
    if ((await guard.replace(key, entry)) === 'done') written.push(guard.name);
  });
  await Promise.all(writes);
  reportStore(stack.namespace, key, written.length > 0 ? 'stored' : 'unstored', written, entry.cost);
}

/** Removes a key from every tier. */
export async function removeEverywhere(stack: Stack, key: string): Promise<'done' | 'queued'> {
  stack.flights.fence(key, true);
  let outcome: 'done' | 'queued' = 'done';
  for (const guard of stack.leading) if (!guard.removeNow(key)) outcome = 'queued';
  const removals = await Promise.all(stack.lower.map((guard) => guard.remove(key)));
  return removals.includes('queued') ? 'queued' : outcome;
}
