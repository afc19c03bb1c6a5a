import { channels, type Entry, type SetOptions } from '@agent-cache/core-tier';
import { type Authority, maxMembers } from './authority.ts';
import { busText } from './bus-message.ts';
import { decodeEntry, encodeEntry, UnreadableError } from './envelope.ts';
import { RedisTierError } from './errors.ts';
import { report } from './report.ts';
import * as scripts from './scripts/entry-scripts.ts';
import type { Site } from './site.ts';
import type { Statistics } from './statistics.ts';
import type { Waits } from './waits.ts';

/** In Cluster a deleted key is marked beside its value for longer than any write can be under way. */
const fenceMs = 60_000;
/** Keys of one MGET: a larger one would keep the server from answering others. */
const batchSize = 1_000;

/** Values by key: one command for a read, one for a write. */
export class Entries {
  readonly #site: Site;
  readonly #authority: Authority;
  readonly #waits: Waits;
  readonly #statistics: Statistics;

  constructor(site: Site, parts: { authority: Authority; waits: Waits; statistics: Statistics }) {
    this.#site = site;
    this.#authority = parts.authority;
    this.#waits = parts.waits;
    this.#statistics = parts.statistics;
  }

  async get(key: string): Promise<Entry | undefined> {
    const data = await this.#read(key);
    return this.#counted(data === null ? undefined : this.read(key, data));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    if (this.#site.server.isCluster) return Promise.all(keys.map((key) => this.get(key)));
    const batches: Promise<unknown>[] = [];
    for (let at = 0; at < keys.length; at += batchSize) {
      batches.push(this.#site.run('mget', keys.slice(at, at + batchSize).map(this.#site.layout.value)));
    }
    const found = (await Promise.all(batches)).flat() as (Buffer | null)[];
    return keys.map((key, index) => this.#counted(this.read(key, found[index] ?? undefined)));
  }

  async set(key: string, entry: Entry, { ifAbsent = false, ifEpoch }: SetOptions = {}): Promise<boolean> {
    const site = this.#site;
    if (ifEpoch !== undefined && site.server.isCluster && (await this.#authority.isFenced(ifEpoch, key, entry.tags))) {
      return false;
    }
    const data = encodeEntry(key, entry, site.settings.compressAboveBytes);
    const epoch = ifEpoch === undefined ? [] : [ifEpoch.generation, ifEpoch.sequence];
    const options = [
      this.lifeOf(entry),
      ifAbsent ? '1' : '',
      this.announcement(key),
      site.server.time.inMs(site.settings.writeWithinMs),
    ];
    const [written, before] = (await site.onKey(scripts.write, key, [data, ...options, ...epoch])) as [number, number];
    if (written < 0) throw this.#tooLate(key);
    if (written !== 1) return false;
    this.wrote(key, data.byteLength, before === 1);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    const inCluster = this.#site.server.isCluster;
    // The sequence moves first: whoever begins to compute after that begins after the change that this delete is about.
    const epoch = inCluster ? await this.#authority.noteDelete(key) : undefined;
    const noted = epoch === undefined ? [] : [epoch.sequence, epoch.generation, fenceMs];
    const args = [busText.deleted(this.#site.source, key), maxMembers, ...noted];
    const reply = (await this.#site.onKey(scripts.remove, key, args)) as [number, Buffer, Buffer, number];
    this.#waits.wake(key);
    this.#statistics.add({ deletes: 1 });
    if (reply[3] === 1) this.#statistics.removed();
    await this.#authority.replicated();
    return reply[0] === 1;
  }

  /** Bytes from the server as an entry that has not reached its end; what cannot be read is reported and removed. */
  read(key: string, data: Buffer | undefined): Entry | undefined {
    if (data === undefined || data.byteLength === 0) return undefined;
    try {
      const entry = decodeEntry(key, data);
      return entry !== undefined && !this.#hasEnded(entry) ? entry : undefined;
    } catch (error) {
      const foreign = error instanceof UnreadableError && error.foreign;
      this.unreadable(key, foreign, data, error);
      return undefined;
    }
  }

  /** A miss, an event, and out of the way; unless something better is there by now. */
  unreadable(key: string, foreign: boolean, data: Buffer | undefined, cause: unknown): void {
    const code = foreign ? 'ERR_REDIS_TIER_FOREIGN' : 'ERR_REDIS_TIER_CORRUPT';
    const what = foreign ? 'is not an entry: another program uses the same keys' : 'is damaged';
    const { name } = this.#site.settings;
    report(name, code, `what the server holds for a key ${what}; it was removed`, { key, operation: 'get', cause });
    if (channels.evict.hasSubscribers)
      channels.evict.publish({ tier: name, key, bytes: data?.byteLength, reason: 'corrupt' });
    const stored = this.#site.layout.value(key);
    void this.#site.on([stored], scripts.discard, data === undefined ? [] : [data]).catch(() => undefined);
  }

  /** Its life on the server in whole ms: "" without end, "0" when it is over. */
  lifeOf(entry: Entry): string {
    const end = entry.staleUntil ?? entry.expiresAt;
    return end === undefined ? '' : String(Math.max(0, Math.ceil(end - this.#site.settings.now())));
  }

  /** What others are told of a write. */
  announcement(key: string): string {
    return busText.written(this.#site.source, key);
  }

  wrote(key: string, bytes: number, replaced: boolean): void {
    this.#statistics.wrote(bytes, replaced);
    this.#waits.wake(key);
  }

  async #read(key: string): Promise<Buffer | null> {
    try {
      return (await this.#site.run('get', [this.#site.layout.value(key)])) as Buffer | null;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('WRONGTYPE'))) throw error;
      this.unreadable(key, true, undefined, error);
      return null;
    }
  }

  #tooLate(key: string): RedisTierError {
    const { server, settings } = this.#site;
    // Or the server's clock was set: in any case it is time to look.
    server.time.doubt();
    const message = `a write of ${JSON.stringify(key)} reached the server more than ${settings.writeWithinMs} ms after it began and was refused: it could have overtaken a later one`;
    return new RedisTierError('ERR_REDIS_TIER_LATE', message);
  }

  #counted(entry: Entry | undefined): Entry | undefined {
    this.#statistics.looked(entry !== undefined);
    return entry;
  }

  #hasEnded(entry: Entry): boolean {
    const end = entry.staleUntil ?? entry.expiresAt;
    return end !== undefined && end <= this.#site.settings.now();
  }
}
