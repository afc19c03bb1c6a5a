import type { AsyncTier } from '@agent-cache/core-tier';
import { ChangeFeed } from './change-feed.ts';
import { Claims } from './claims.ts';
import { Entries } from './entries.ts';
import { type PostgresTierOptions, settingsOf } from './options.ts';
import { recordsOf } from './records.ts';
import { TierSite } from './site.ts';
import { tagsOf } from './tags.ts';
import { Upkeep } from './upkeep.ts';
import { Waits } from './waits.ts';

/** A tier with everything a tier can have; `close` leaves the database open, for it is yours. */
export type PostgresTier = AsyncTier &
  Required<Pick<AsyncTier, 'tags' | 'records' | 'claim' | 'onChange' | 'stats' | 'getMany' | 'setMany'>> & {
    close(): Promise<void>;
  };

/**
 * An exact cache tier in Postgres, for those who have no Redis: entries, leases, tags, records, and news of what other processes changed. Every
 * operation is one round trip.
 *
 * @throws TypeError for options that cannot be
 */
export function postgresTier(options: PostgresTierOptions): PostgresTier {
  const site = new TierSite(settingsOf(options));
  const upkeep = new Upkeep(site);
  const entries = new Entries(site, upkeep);
  const waits = new Waits(site);
  const claims = new Claims(site, upkeep, waits);
  const feed = new ChangeFeed(site);
  return {
    name: site.settings.name,
    tags: tagsOf(site),
    records: recordsOf(site),
    get: async (key) => (await entries.getMany([key]))[0],
    getMany: (keys) => entries.getMany(keys),
    set: (key, entry, setOptions) => entries.set(key, entry, setOptions),
    setMany: (list) => entries.setMany(list),
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
    claim: (key, claimOptions) => claims.claim(key, claimOptions),
    onChange: (listener) => feed.onChange(listener),
    stats: () => ({ ...site.counts }),
    close: async () => {
      if (site.isClosed) return;
      waits.abandon();
      feed.close();
      await upkeep.run();
      site.close();
    },
  };
}
