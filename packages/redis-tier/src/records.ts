import type { Page, RecordChange, RecordSet, Records, WriteResult } from '@agent-cache/core-tier';
import type { Argument } from './client.ts';
import { decodeRecordValue, encodeRecordValue } from './record-value.ts';
import { report } from './report.ts';
import * as scripts from './scripts/record-scripts.ts';
import type { Site } from './site.ts';
import { fromWire, toWire } from './text.ts';

/** An owner that is gone is forgotten when nobody wrote it for this long: far longer than a write can be under way. */
const forgetAfterSeconds = 3_600;
const defaultLimit = 100;

/** Records of one owner in one hash, each operation one step; the names of the owners in an ordered set, written before the owner. */
export class RedisRecords implements Records {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  async read(
    owner: string,
    { fields, last }: { readonly fields?: readonly string[]; readonly last?: number } = {},
  ): Promise<RecordSet | undefined> {
    const names = fields?.map(toWire) ?? [];
    const reply = await this.#run(owner, scripts.readRecords, [fields === undefined ? '1' : '', last ?? '', ...names]);
    if (!Array.isArray(reply)) return undefined;
    const [version, ends, stored, items] = reply as [Buffer, Buffer, Buffer[], Buffer[]];
    const found = new Map<string, unknown>();
    for (let index = 0; index < stored.length; index += 2) {
      const value = this.#decoded(owner, stored[index + 1] as Buffer);
      if (value !== undefined) found.set(fromWire(String(stored[index])), value.value);
    }
    const expiresAt = String(ends) === '-' ? {} : { expiresAt: Number(ends) };
    const values = items.flatMap((item) => this.#decoded(owner, item) ?? []);
    return { version: Number(version), fields: found, items: values.map(({ value }) => value), ...expiresAt };
  }

  async write(owner: string, change: RecordChange): Promise<WriteResult> {
    const { set = new Map(), unset = [], append = [], fieldMs, keepLast, slideMs, ifVersion } = change;
    const fields = [...set].flatMap(([name, value]) => [
      toWire(name),
      fieldMs?.get(name) ?? '',
      encodeRecordValue(value),
    ]);
    const names = unset.map(toWire);
    const items = append.map(encodeRecordValue);
    const args: Argument[] = [
      ifVersion ?? '',
      slideMs ?? '',
      keepLast ?? '',
      set.size,
      ...fields,
      names.length,
      ...names,
    ];
    const { owners, ownersSeen } = this.#site.layout;
    // Both are sent at once, the name first: an owner that exists can be found.
    const [, reply] = await Promise.all([
      this.#site.on([owners, ownersSeen], scripts.seeOwner, [toWire(owner)]),
      this.#run(owner, scripts.writeRecords, [...args, ...items]),
    ]);
    const [written, version] = reply as [number, Buffer];
    return written === 1 ? { written: true, version: Number(version) } : { written: false, current: Number(version) };
  }

  async drop(owner: string): Promise<boolean> {
    return Number(await this.#run(owner, scripts.dropRecords, [])) === 1;
  }

  async list(
    prefix: string,
    { cursor, limit = defaultLimit }: { readonly cursor?: string; readonly limit?: number } = {},
  ): Promise<Page> {
    const { layout } = this.#site;
    const from = toWire(prefix);
    const start = cursor === undefined ? `[${from}` : `(${cursor}`;
    // No UTF-8 text has a byte 255, so this is behind everything that begins with the prefix.
    const end = Buffer.concat([Buffer.from(`[${from}`), Buffer.from([255])]);
    const found = (await this.#site.run('zrangebylex', [layout.owners, start, end, 'LIMIT', 0, limit])) as Buffer[];
    const names = found.map(String);
    const alive = await Promise.all(names.map((name) => this.#isAlive(name)));
    const gone = names.filter((_, index) => !alive[index]);
    if (gone.length > 0) {
      await this.#site.on([layout.owners, layout.ownersSeen], scripts.forgetOwners, [forgetAfterSeconds, ...gone]);
    }
    const owners = names.filter((_, index) => alive[index]).map(fromWire);
    return names.length < limit ? { owners } : { owners, cursor: names.at(-1) };
  }

  async #isAlive(wireOwner: string): Promise<boolean> {
    const meta = (await this.#site.run('hget', [this.#site.layout.record(fromWire(wireOwner)), 'm'])) as Buffer | null;
    const end = meta === null ? '0' : String(meta).split(' ').at(-1);
    return end === '-' || Number(end) > this.#site.settings.now();
  }

  #run(owner: string, script: (typeof scripts)[keyof typeof scripts], args: readonly Argument[]): Promise<unknown> {
    return this.#site.on([this.#site.layout.record(owner)], script, [this.#site.settings.now(), ...args]);
  }

  #decoded(owner: string, data: Buffer): { readonly value: unknown } | undefined {
    const decoded = decodeRecordValue(data);
    if (decoded === undefined) {
      const message = `a field or item of the records of ${JSON.stringify(owner)} cannot be read and is left out; drop the owner to be rid of it`;
      report(this.#site.settings.name, 'ERR_REDIS_TIER_CORRUPT', message, { operation: 'records.read' });
    }
    return decoded;
  }
}
