import { type AsyncTier, channels, type Entry, type TagAuthority, type TierStats } from '@agent-cache/core-tier';
import { ChangeFeed } from './change-feed.ts';
import { Claims } from './claims.ts';
import { type SqliteTierOptions, settingsOf } from './options.ts';
import type { Bulletin } from './protocol.ts';
import { createRecords } from './records.ts';
import { TierLink } from './tier-link.ts';
import { toRow } from './value-codec.ts';

/** A tier with everything a tier can have; `close` resolves when all that was asked for before is in the file. */
export type SqliteTier = AsyncTier &
  Required<Pick<AsyncTier, 'tags' | 'records' | 'claim' | 'onChange' | 'stats' | 'getMany' | 'setMany'>> & {
    close(): Promise<void>;
  };

/**
 * A cache tier in one SQLite file, shared and kept coherent among the processes of a machine. The database is worked on in a thread of
 * its own, so a busy or slow disk never stalls the caller's thread. The file is opened at once and behind the scenes: what is wrong with
 * it shows as an event on the error channel and as rejections of the tier's operations.
 *
 * @throws TypeError for options that cannot be, or that contradict another open tier on the same file
 */
export function sqliteTier(options: SqliteTierOptions): SqliteTier {
  const link = new TierLink(settingsOf(options));
  const counts = { hits: 0, misses: 0, evictions: 0, entries: 0, bytes: 0 };
  const count = (hit: boolean): void => {
    if (hit) counts.hits += 1;
    else counts.misses += 1;
  };
  const claims = new Claims(link, count);
  const feed = new ChangeFeed(link);
  const unsubscribe = link.client.subscribe({
    bulletin: (bulletin) => {
      Object.assign(counts, bulletin.figures);
      counts.evictions += bulletin.evictions?.length ?? 0;
      announce(link, bulletin);
      feed.receive(bulletin);
    },
    lost: () => feed.lost(),
  });
  const getMany = async (keys: readonly string[]): Promise<readonly (Entry | undefined)[]> => {
    if (keys.length === 0) return [];
    const found = await link.call('get', { keys });
    const entries = found.map((data, index) => link.entryOf(data, keys[index] ?? ''));
    for (const entry of entries) count(entry !== undefined);
    return entries;
  };
  return {
    name: link.settings.name,
    tags: tagsOf(link),
    records: createRecords(link),
    get: async (key) => (await getMany([key]))[0],
    getMany,
    set: async (key, entry, { ifAbsent, ifEpoch } = {}) => {
      const row = toRow(entry, link.settings.file);
      return link.call('set', { rows: [[key, row]], ifAbsent, ifEpoch }, row.data.byteLength);
    },
    setMany: async (entries) => {
      if (entries.length === 0) return;
      const rows = entries.map(([key, entry]) => [key, toRow(entry, link.settings.file)] as const);
      await link.call(
        'set',
        { rows },
        rows.reduce((sum, [, row]) => sum + row.data.byteLength, 0),
      );
    },
    delete: (key) => link.call('delete', { key }),
    clear: () => link.call('clear', undefined),
    claim: (key, claimOptions) => claims.claim(key, claimOptions),
    onChange: (listener) => feed.onChange(listener),
    stats: (): TierStats => ({ ...counts }),
    close: () => {
      claims.abandon();
      feed.close();
      const closed = link.close();
      return closed.finally(unsubscribe);
    },
  };
}

function tagsOf(link: TierLink): TagAuthority {
  return {
    epoch: () => link.call('epoch', undefined),
    bump: (tags) => link.call('bump', { tags: [...tags] }),
    since: async (epoch) => {
      const bumped = await link.call('since', { epoch });
      return bumped === 'everything' ? bumped : new Map(bumped);
    },
  };
}

/** On the channels, for those who listen. */
function announce(link: TierLink, { evictions, trouble }: Bulletin): void {
  const tier = link.settings.name;
  if (trouble !== undefined) link.report(link.client.errorOf(trouble));
  if (evictions === undefined || !channels.evict.hasSubscribers) return;
  for (const { key, bytes, reason } of evictions) channels.evict.publish({ tier, key, bytes, reason });
}
