import { randomUUID } from 'node:crypto';
import type { Claim, ClaimOptions, Entry, Epoch, Lease } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import { columnsOf, idOf } from './codec.ts';
import { keysNote } from './notes.ts';
import { entryArguments, type TierSite } from './site.ts';
import type { Upkeep } from './upkeep.ts';
import type { Waits } from './waits.ts';

interface Reply extends Epoch {
  readonly state: 'hit' | 'lease' | 'wait';
  readonly data: Uint8Array | null;
  readonly stamp: number;
  readonly token: string;
}

/** Reading a value or taking the lease to compute it, in one step among all processes. */
export class Claims {
  readonly #site: TierSite;
  readonly #upkeep: Upkeep;
  readonly #waits: Waits;

  constructor(site: TierSite, upkeep: Upkeep, waits: Waits) {
    this.#site = site;
    this.#upkeep = upkeep;
    this.#waits = waits;
  }

  async claim(key: string, { leaseMs, refresh = false, signal }: ClaimOptions): Promise<Claim> {
    if (!Number.isFinite(leaseMs) || leaseMs <= 0) {
      throw new TypeError(`postgresTier: leaseMs is ${leaseMs}; it must be a number of milliseconds above 0`);
    }
    signal?.throwIfAborted();
    const id = idOf('key', key);
    const { namespace, now } = this.#site.settings;
    const reply = await this.#site.row<Reply>(sql`select * from agent_cache.ac_claim(${namespace}, ${id}::bytea,
      ${now()}::float8, ${leaseMs}::float8, ${refresh}::boolean, ${randomUUID()})`);
    const lease = this.#lease(key, id, reply.token, leaseMs);
    if (signal?.aborted && reply.state === 'lease') await lease.release();
    signal?.throwIfAborted();
    const entry = this.#site.entryOf(reply.data);
    // Written by a Node.js whose format this one cannot read: it is ours to compute again.
    if (reply.state === 'hit' && entry === undefined) return this.claim(key, { leaseMs, refresh: true, signal });
    this.#site.count(reply.state === 'hit');
    if (reply.state === 'hit' && entry !== undefined) {
      this.#upkeep.used(id);
      return { state: 'hit', entry };
    }
    const { generation, sequence, token, stamp } = reply;
    if (reply.state === 'lease') return { state: 'lease', lease, epoch: { generation, sequence }, stale: entry };
    return { state: 'wait', settled: this.#waits.settled({ id, token, stamp }, signal), stale: entry };
  }

  #lease(key: string, id: Uint8Array, token: string, leaseMs: number): Lease {
    const { namespace, now } = this.#site.settings;
    const mine = sql`namespace = ${namespace} and id = ${id}::bytea and token = ${token}`;
    return {
      renew: async () => {
        const at = now();
        const rows = await this.#site.rows(sql`update agent_cache.ac_lease set ends_at = ${at + leaseMs}::float8
          where ${mine} and ends_at > ${at}::float8 returning 1`);
        return rows.length === 1;
      },
      commit: (entry) => this.#commit(key, id, token, entry),
      release: async () => {
        await this.#site.rows(sql`delete from agent_cache.ac_lease where ${mine}`);
      },
    };
  }

  async #commit(key: string, id: Uint8Array, token: string, entry: Entry): Promise<boolean> {
    const { source, channel, settings } = this.#site;
    const columns = columnsOf(entry);
    const { done } = await this.#site.row<{ done: number }>(sql`
      select agent_cache.ac_commit(${settings.namespace}, ${id}::bytea, ${token}, ${entryArguments(columns, settings.now())},
        ${channel}, ${keysNote(source, [key])}) as done`);
    this.#upkeep.wrote(done, columns.data.byteLength);
    return done >= 0;
  }
}
