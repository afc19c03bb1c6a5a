import type { Lease } from '@agent-cache/core-tier';
import type { Authority } from './authority.ts';
import { busText } from './bus-message.ts';
import type { Entries } from './entries.ts';
import { encodeEntry } from './envelope.ts';
import * as scripts from './scripts/entry-scripts.ts';
import type { Site } from './site.ts';
import type { Statistics } from './statistics.ts';
import type { Waits } from './waits.ts';

/** What `Claims` and `Leases` work with. */
export interface ClaimParts {
  readonly entries: Entries;
  readonly authority: Authority;
  readonly waits: Waits;
  readonly statistics: Statistics;
}

/** The right to compute a value, which is also the fence of what was computed. */
export class Leases {
  readonly #site: Site;
  readonly #entries: Entries;
  readonly #authority: Authority;
  readonly #waits: Waits;
  readonly #statistics: Statistics;

  constructor(site: Site, parts: ClaimParts) {
    this.#site = site;
    this.#entries = parts.entries;
    this.#authority = parts.authority;
    this.#waits = parts.waits;
    this.#statistics = parts.statistics;
  }

  held(key: string, token: string, leaseMs: number): Lease {
    const { layout, source } = this.#site;
    const lease = [layout.lease(key)];
    const ended = busText.ended(source, key);
    const release = async (): Promise<void> => {
      await this.#site.on(lease, scripts.release, [token, layout.bus, ended]);
      this.#waits.wake(key);
    };
    return {
      renew: async () => Number(await this.#site.on(lease, scripts.renew, [token, leaseMs])) === 1,
      release,
      commit: async (entry) => {
        const { epoch } = entry;
        const data = encodeEntry(key, entry, this.#site.settings.compressAboveBytes);
        const fenced =
          epoch !== undefined &&
          this.#site.server.isCluster &&
          (await this.#authority.isFenced(epoch, key, entry.tags));
        if (fenced) await release();
        const args = [token, data, this.#entries.lifeOf(entry), this.#entries.announcement(key), ended];
        const committed = !fenced && Number(await this.#site.onKey(scripts.commit, key, args)) === 1;
        if (committed) this.#entries.wrote(key, data.byteLength, false);
        else this.#statistics.add({ fenced: 1 });
        this.#waits.wake(key);
        return committed;
      },
    };
  }

  /** Nobody else is kept from computing, but what was invalidated meanwhile is refused all the same. */
  none(key: string): Lease {
    return {
      renew: async () => true,
      release: async () => undefined,
      commit: (entry) => this.#entries.set(key, entry, entry.epoch === undefined ? {} : { ifEpoch: entry.epoch }),
    };
  }
}
