import { sql } from 'drizzle-orm';
import type { TierSite } from './site.ts';

/** Writes between two looks at what has ended and what is too much. */
const writesBetween = 500;
/** Rows that one statement removes: no reader waits long behind it. */
const batch = 1_000;
/** Reads remembered until they are written down. */
const maxUsed = 10_000;
/** Invalidations that are remembered at least, for what is being computed. */
const rememberedBumps = 10_000;

/** Figures, expired rows, and the bound in bytes. Nothing is written when somebody reads: what was used is noted, and written with the rest. */
export class Upkeep {
  readonly #site: TierSite;
  readonly #used = new Map<string, Uint8Array>();
  #writes = 0;
  #bytesWritten = 0;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(site: TierSite) {
    this.#site = site;
  }

  used(id: Uint8Array): void {
    if (this.#used.size < maxUsed) this.#used.set(Buffer.from(id).toString('latin1'), id);
  }

  /** `done` as the database's functions tell it: refused, ended, replaced, new. */
  wrote(done: number, bytes: number): void {
    if (done < 1) return;
    if (done === 2) this.#site.counts.entries += 1;
    this.#site.counts.bytes += bytes;
    this.#writes += 1;
    this.#bytesWritten += bytes;
    if (this.#writes >= writesBetween || this.#bytesWritten > this.#site.settings.maxBytes / 10) void this.run();
  }

  removed(): void {
    this.#site.counts.entries = Math.max(0, this.#site.counts.entries - 1);
  }

  cleared(): void {
    this.#site.counts.entries = 0;
    this.#site.counts.bytes = 0;
    this.#used.clear();
  }

  /** One at a time; resolves when everything that is due is done. Failures are events. */
  run(): Promise<void> {
    // What was written since a round began may be what it looked for.
    this.#again = this.#running !== undefined;
    this.#running ??= this.#rounds()
      .catch((error: unknown) => this.#site.report(error))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #rounds(): Promise<void> {
    do {
      this.#again = false;
      await this.#round();
    } while (this.#again);
  }

  async #round(): Promise<void> {
    this.#writes = 0;
    this.#bytesWritten = 0;
    await this.#noteUse();
    await this.#forgetEnded();
    await this.#measure();
    while (this.#site.counts.bytes > this.#site.settings.maxBytes && (await this.#evict()) > 0) await this.#measure();
    await this.#forgetBumps();
  }

  async #noteUse(): Promise<void> {
    const ids = [...this.#used.values()];
    this.#used.clear();
    if (ids.length === 0) return;
    const { namespace, now } = this.#site.settings;
    await this.#site.rows(sql`update agent_cache.ac_entry set used_at = ${now()}::float8
      where namespace = ${namespace} and id = any(${sql.param(ids)}::bytea[])`);
  }

  async #forgetEnded(): Promise<void> {
    const { namespace, now } = this.#site.settings;
    for (const [table, column] of [
      ['ac_entry', 'ends_at'],
      ['ac_owner', 'expires_at'],
      ['ac_lease', 'ends_at'],
    ]) {
      const ended = sql.raw(`agent_cache.${table} where ctid = any(array(select ctid from agent_cache.${table}`);
      let removed: number;
      do {
        const rows = await this.#site.rows(sql`delete from ${ended} where namespace = ${namespace}
          and ${sql.raw(column ?? '')} <= ${now()}::float8 limit ${sql.raw(String(batch))})) returning 1`);
        removed = rows.length;
      } while (removed === batch);
    }
  }

  async #measure(): Promise<void> {
    const { entries, bytes } = await this.#site.row<{ entries: number; bytes: number }>(sql`
      select count(*)::float8 as entries, coalesce(sum(bytes), 0)::float8 as bytes
      from agent_cache.ac_entry where namespace = ${this.#site.settings.namespace}`);
    Object.assign(this.#site.counts, { entries, bytes });
  }

  /** What was not used for longest, until a tenth of the bound is free. */
  async #evict(): Promise<number> {
    const { namespace, maxBytes } = this.#site.settings;
    const excess = this.#site.counts.bytes - maxBytes * 0.9;
    const gone = await this.#site.rows(sql`
      with oldest as (
        select id, sum(bytes) over (order by used_at, id) - bytes as before
        from (
          select id, bytes, used_at from agent_cache.ac_entry where namespace = ${namespace}
          order by used_at, id limit ${sql.raw(String(batch))}
        ) candidates
      )
      delete from agent_cache.ac_entry e using oldest
      where e.namespace = ${namespace} and e.id = oldest.id and oldest.before < ${excess}::float8 returning 1`);
    this.#site.counts.evictions += gone.length;
    return gone.length;
  }

  /** Invalidations that came before everything that is kept. The floor says that they are forgotten. */
  async #forgetBumps(): Promise<void> {
    const { namespace } = this.#site.settings;
    await this.#site.rows(sql`
      with moved as (
        update agent_cache.ac_state s set floor = new.floor
        from (
          select least(
            sequence - ${sql.raw(String(rememberedBumps))},
            (select min(e.sequence) from agent_cache.ac_entry e where e.namespace = ${namespace})
          ) as floor from agent_cache.ac_state where namespace = ${namespace}
        ) new
        where s.namespace = ${namespace} and new.floor > s.floor
        returning s.floor
      )
      delete from agent_cache.ac_bump b using moved where b.namespace = ${namespace} and b.sequence <= moved.floor`);
  }
}
