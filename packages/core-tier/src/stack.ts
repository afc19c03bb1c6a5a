import { Background } from './background.ts';
import type { Entry } from './entry.ts';
import { freshnessOf } from './expiry.ts';
import { Flights } from './flights.ts';
import { deepFreeze } from './freeze.ts';
import { GuardedTier } from './guarded-tier.ts';
import { implicitTag } from './implicit-tags.ts';
import { type KeySpace, keySpace } from './keys.ts';
import type { Settings } from './options.ts';
import { Recovery } from './recovery.ts';
import type { TagAuthority } from './tags.ts';
import { type RemoteAuthority, TagsView } from './tags-view.ts';

/** What all operations of one cache share. */
export interface Stack {
  readonly settings: Settings;
  readonly namespace: string;
  readonly namespaceTag: string;
  readonly keyOf: KeySpace;
  readonly guards: readonly GuardedTier[];
  /** the synchronous tiers at the top: a hit in them costs no promise of its own */
  readonly leading: readonly GuardedTier[];
  /** the first of them */
  readonly top: GuardedTier | undefined;
  readonly lower: readonly GuardedTier[];
  /** the deepest tier that reads and takes a lease in one step */
  readonly claimer: GuardedTier | undefined;
  /** the tier whose authority is in force; undefined: the one in memory */
  readonly authority: GuardedTier | undefined;
  readonly tags: TagsView;
  readonly flights: Flights;
  readonly background: Background;
  readonly recovery: Recovery;
  readonly counts: Counts;
  /** tiers whose link is in doubt */
  readonly doubted: Set<GuardedTier>;
  /** no setting looks at every hit: neither shadow mode nor early refresh */
  readonly isPlain: boolean;
  closed: boolean;
}

interface Counts {
  hits: number;
  misses: number;
  joined: number;
  stale: number;
}

export function createStack(settings: Settings): Stack {
  const background = new Background();
  const namespaceTag = implicitTag('namespace', settings.namespace);
  const recovery: Recovery = new Recovery(settings, background, namespaceTag, () => tags);
  const guards: readonly GuardedTier[] = settings.tiers.map(
    (tier, index) => new GuardedTier(tier, index, settings, recovery),
  );
  const firstSlow = guards.findIndex(({ tier }) => tier.synchronous !== true);
  const leadingCount = firstSlow === -1 ? guards.length : firstSlow;
  const authority = guards.findLast(({ tier }) => tier.tags !== undefined);
  const tags = new TagsView(namespaceTag, remoteAuthority(authority, settings));
  return {
    settings,
    namespace: settings.namespace,
    namespaceTag,
    keyOf: keySpace(settings.namespace),
    guards,
    leading: guards.slice(0, leadingCount),
    top: leadingCount === 0 ? undefined : guards[0],
    lower: guards.slice(leadingCount),
    claimer: guards.slice(leadingCount).findLast(({ tier }) => tier.claim !== undefined),
    authority,
    tags,
    flights: new Flights(),
    background,
    recovery,
    counts: { hits: 0, misses: 0, joined: 0, stale: 0 },
    doubted: new Set(),
    isPlain: !settings.shadow && settings.earlyRefresh === 0,
    closed: false,
  };
}

function remoteAuthority(guard: GuardedTier | undefined, settings: Settings): RemoteAuthority | undefined {
  const authority = guard?.tier.tags;
  if (guard === undefined || authority === undefined) return undefined;
  const ask = async <T>(name: string, run: (authority: TagAuthority) => T | Promise<T>): Promise<T | undefined> => {
    const attempt = await guard.attempt({ operation: name, deadlineMs: settings.hardMs, run: () => run(authority) });
    return attempt.ok ? attempt.value : undefined;
  };
  return {
    epoch: () => ask('tags.epoch', (tags) => tags.epoch()),
    since: (epoch) => ask('tags.since', (tags) => tags.since(epoch)),
    bump: (names) => ask('tags.bump', (tags) => tags.bump(names)),
  };
}

/** Copies of tiers above this index may be outdated without us knowing. */
function servableFrom(stack: Stack): number {
  if (stack.doubted.size === 0 && stack.tags.inStep) return 0;
  let from = stack.tags.inStep ? 0 : (stack.authority?.index ?? 0);
  for (const { index } of stack.doubted) if (index > from) from = index;
  return from;
}

/** An entry found at the top, with the tier that had it. */
export interface Leading {
  readonly entry: Entry;
  readonly tier: string;
  readonly stale: boolean;
}

/** The leading tiers' entry, fresh if one has it, else a stale one. */
export function readLeading(stack: Stack, key: string, now: number): Leading | undefined {
  let stale: Leading | undefined;
  if (stack.closed) return stale;
  for (let index = servableFrom(stack); index < stack.leading.length; index += 1) {
    const found = readOneLeading(stack, stack.leading[index] as GuardedTier, key, now);
    if (found === undefined) continue;
    if (!found.stale) return found;
    stale ??= found;
  }
  return stale;
}

function readOneLeading(stack: Stack, guard: GuardedTier, key: string, now: number): Leading | undefined {
  const entry = guard.readNow(key);
  if (entry === undefined) return undefined;
  const verdict = stack.tags.judge(entry.epoch, entry.tags);
  if (verdict !== 'alive') {
    // It will never be served again, so it need not take up room.
    if (verdict === 'dead') guard.removeNow(key);
    return undefined;
  }
  const freshness = freshnessOf(entry, now);
  if (freshness === 'dead') return undefined;
  if (freshness === 'fresh')
    for (let above = 0; above < guard.index; above += 1) stack.leading[above]?.writeNow(key, entry);
  return { entry, tier: guard.name, stale: freshness === 'stale' };
}

/**
 * The everyday hit, without a step that it does not need: the first tier is a healthy one in memory, every invalidation is known, and its
 * entry is a fresh value. Undefined for everything else, which `readLeading` sorts out.
 */
export function freshAtTop(stack: Stack, key: string): Entry | undefined {
  const { tags, top } = stack;
  if (top === undefined || stack.closed || !tags.inStep || stack.doubted.size > 0 || !top.isSound) return undefined;
  let entry: Entry | undefined;
  try {
    entry = top.tier.get(key) as Entry | undefined;
  } catch {
    return undefined;
  }
  if (entry === undefined || entry.kind !== undefined) return undefined;
  if (tags.judge(entry.epoch, entry.tags) !== 'alive') return undefined;
  return entry.expiresAt === undefined || stack.settings.now() < entry.expiresAt ? entry : undefined;
}

/** The value as callers may have it. */
export function handOut<V>(stack: Stack, entry: Entry): V {
  return (stack.settings.clone ? structuredClone(entry.value) : entry.value) as V;
}

/** The value as it may be kept. */
export function takeIn(stack: Stack, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (stack.settings.clone) return structuredClone(value);
  return stack.settings.freeze ? deepFreeze(value) : value;
}
