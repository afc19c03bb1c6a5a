import { hash } from 'node:crypto';
import { type Claim, channels, type Lease, type Tier } from '@agent-cache/core-tier';
import { PromptCacheWarmerError } from './errors.ts';
import { objectOf } from './json.ts';
import type { Schedule } from './schedule.ts';
import type { WarmedPrefix } from './warmed-prefix.ts';

/** The right to ping a prefix now. */
export interface PingRight {
  /** It was pinged: nobody needs to for a while. */
  done(at: number): Promise<void>;
  /** It was not. */
  giveBack(): Promise<void>;
}

/** Either the right to ping, or when somebody else has used the prefix, or neither. */
type Turn =
  | { readonly right: PingRight }
  | { readonly usedAt: number; readonly byTraffic: boolean }
  | { readonly unknown: true };

/** All processes that share a tier: one of them pings a prefix, and traffic that one sees spares the others their ping. */
export interface Fleet {
  turn(prefix: WarmedPrefix, at: number): Promise<Turn>;
  /** Real traffic used the prefix. Returns at once. */
  used(prefix: WarmedPrefix, at: number): void;
}

const NOBODY_ELSE: PingRight = { done: async () => {}, giveBack: async () => {} };

/** For so much of a life nobody needs to ping; the next ping is due later than that, whatever its jitter. */
const QUIET = 0.8;
/** How long a holder may be silent: a part of the time between a due ping and the end of the prefix. */
const LEASE = 0.03;
/** Traffic is told to the others so often, in lives. */
const TELL_EVERY = 0.25;

/** Without a tier every process is alone. */
export function createFleet(tier: Tier | undefined, schedule: Schedule): Fleet {
  if (tier?.claim === undefined) return { turn: async () => ({ right: NOBODY_ELSE }), used: () => {} };
  const toldAt = new Map<string, number>();
  return {
    async turn(prefix, at) {
      try {
        return await turnOf(tier, prefix, at, schedule);
      } catch (cause) {
        report(prefix, 'the right to ping could not be asked for, so this ping is left out', cause);
        return { unknown: true };
      }
    },
    used(prefix, at) {
      const lifeMs = prefix.life?.lifeMs;
      const key = keyOf(prefix);
      if (lifeMs === undefined || at - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY * lifeMs) return;
      toldAt.set(key, at);
      if (toldAt.size > MAX_TOLD) toldAt.delete(toldAt.keys().next().value ?? '');
      void tell(tier, prefix, entryOf(at, lifeMs, true));
    },
  };
}

const MAX_TOLD = 10_000;

/** Tenants and credentials take part in the key, so that what warms one says nothing of another's. */
function keyOf({ tenant = '', outline, digest }: WarmedPrefix): string {
  const identity = JSON.stringify([tenant, outline.format, outline.model, digest]);
  return `prompt-cache-warmer/${hash('sha256', identity, 'base64url')}`;
}

function entryOf(
  at: number,
  lifeMs: number,
  byTraffic: boolean,
): { value: object; createdAt: number; expiresAt: number } {
  return { value: { usedAt: at, byTraffic }, createdAt: at, expiresAt: at + QUIET * lifeMs };
}

async function tell(tier: Tier, prefix: WarmedPrefix, entry: ReturnType<typeof entryOf>): Promise<void> {
  try {
    await tier.set(keyOf(prefix), entry);
  } catch (cause) {
    report(prefix, 'other processes could not be told of traffic', cause);
  }
}

/** Holders come and go; after so many that ended without a ping this process waits for its next turn. */
const MAX_CLAIMS = 5;

async function turnOf(tier: Tier, prefix: WarmedPrefix, at: number, schedule: Schedule): Promise<Turn> {
  const lifeMs = prefix.life?.lifeMs ?? 300_000;
  const leaseMs = LEASE * lifeMs;
  for (let claims = 0; claims < MAX_CLAIMS; claims += 1) {
    const claim = (await tier.claim?.(keyOf(prefix), { leaseMs })) as Claim;
    if (claim.state === 'lease') return { right: held(claim.lease, { lifeMs, leaseMs, schedule }) };
    const entry = claim.state === 'hit' ? claim.entry : await claim.settled;
    const turn = entry && seen(entry.value, at);
    // What is older than what is known here was on its way for long, and decides nothing.
    if (turn !== undefined && turn.usedAt > prefix.usedAt) return turn;
  }
  return { unknown: true };
}

function seen(value: unknown, at: number): { readonly usedAt: number; readonly byTraffic: boolean } {
  const { usedAt, byTraffic } = objectOf(value);
  return { usedAt: typeof usedAt === 'number' ? Math.min(usedAt, at) : at, byTraffic: byTraffic === true };
}

interface Holding {
  readonly lifeMs: number;
  readonly leaseMs: number;
  readonly schedule: Schedule;
}

/** Renews the lease while the ping is under way, so that only a holder that died loses it. */
function held(lease: Lease, { lifeMs, leaseMs, schedule }: Holding): PingRight {
  let cancel: (() => void) | undefined;
  let isOver = false;
  const renewLater = (): void => {
    if (isOver) return;
    cancel = schedule(() => {
      lease.renew().then((isHeld) => isHeld && renewLater(), renewLater);
    }, leaseMs / 3);
  };
  const end = (): void => {
    isOver = true;
    cancel?.();
  };
  renewLater();
  return {
    async done(at) {
      end();
      await lease.commit(entryOf(at, lifeMs, false));
    },
    async giveBack() {
      end();
      await lease.release();
    },
  };
}

function report(prefix: WarmedPrefix, what: string, cause: unknown): void {
  const error = new PromptCacheWarmerError('ERR_PROMPT_CACHE_WARMER_TIER', `${prefix.name}: ${what}.`, {
    prefix: prefix.id,
    cause,
  });
  if (channels.error.hasSubscribers) channels.error.publish({ code: error.code, error, operation: 'ping' });
}
