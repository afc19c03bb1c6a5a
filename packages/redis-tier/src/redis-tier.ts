import { randomUUID } from 'node:crypto';
import type {
  AsyncTier,
  Change,
  Claim,
  ClaimOptions,
  Entry,
  Records,
  SetOptions,
  TagAuthority,
  TierStats,
} from '@agent-cache/core-tier';
import { Authority } from './authority.ts';
import { ChangeFeed } from './change-feed.ts';
import { Claims } from './claims.ts';
import { removeAll } from './clear.ts';
import type { ClusterLike, RedisLike } from './client.ts';
import { ClusterLink } from './cluster-link.ts';
import { ClusterServer } from './cluster-server.ts';
import { Ear } from './ear.ts';
import { Entries } from './entries.ts';
import { type KeyLayout, keyLayout } from './key-layout.ts';
import { type RedisTierOptions, settingsOf, type TierSettings } from './options.ts';
import { RedisRecords } from './records.ts';
import type { Server } from './server.ts';
import { type LinkEvents, SingleLink } from './single-link.ts';
import { SingleServer } from './single-server.ts';
import { Site } from './site.ts';
import { type SharedStats, Statistics } from './statistics.ts';
import { Waits } from './waits.ts';

const setsAtOnce = 64;

/** A tier on Redis or Valkey. */
export interface RedisTier extends Required<Omit<AsyncTier, 'synchronous' | 'onChange'>> {
  /** absent with `coherence: "off"` */
  readonly onChange?: (listener: (change: Change) => void) => () => void;
  /** Resolves when commands can be sent and changes are heard; rejects when the server cannot be reached. Nothing has to wait for it. */
  ready(): Promise<void>;
  /** The figures of all processes of this namespace. */
  sharedStats(): Promise<SharedStats>;
  /**
   * What this process saw. The server is not asked, so `entries` and `bytes` are what this process added, less what it deleted; the server
   * reports evictions for itself.
   */
  stats(): TierStats;
  /** Ends waits, hands on what was counted and closes the tier's own connections. Your client stays open. */
  close(): Promise<void>;
}

/**
 * A tier shared by all processes that reach one Redis or Valkey: coherent, fenced against writes that come too late, and never in the way
 * when the server is down, slow or full.
 *
 * @throws TypeError when an option means nothing, or RedisTierError ERR_REDIS_TIER_CLIENT when `client` is no ioredis client
 */
export function redisTier(options: RedisTierOptions): RedisTier {
  return new Tier(settingsOf(options));
}

class Tier implements RedisTier {
  readonly name: string;
  readonly tags: TagAuthority;
  readonly records: Records;
  readonly onChange?: (listener: (change: Change) => void) => () => void;
  readonly #settings: TierSettings;
  readonly #layout: KeyLayout;
  readonly #server: Server;
  readonly #site: Site;
  readonly #authority: Authority;
  readonly #entries: Entries;
  readonly #claims: Claims;
  readonly #statistics: Statistics;
  readonly #waits = new Waits();
  readonly #feed: ChangeFeed | undefined;
  readonly #closeLink: () => void;
  /** until changes are heard for the first time */
  #starting: Promise<void> | undefined;
  #started: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: TierSettings) {
    this.#settings = settings;
    this.name = settings.name;
    const { client, namespace } = settings;
    this.#layout = keyLayout(namespace, client.options.keyPrefix ?? '');
    if (settings.coherence !== 'off') {
      const feed = new ChangeFeed();
      this.#feed = feed;
      this.onChange = (listener) => feed.onChange(listener);
      this.#starting = new Promise((resolve) => {
        this.#started = () => {
          this.#starting = undefined;
          resolve();
        };
      });
    }
    const source = randomUUID().slice(0, 13);
    const { server, closeLink } = this.#connect(source);
    this.#server = server;
    this.#closeLink = closeLink;
    this.#site = new Site({ settings, layout: this.#layout, server, source }, () => this.#starting);
    this.#authority = new Authority(this.#site);
    this.tags = this.#authority;
    this.records = new RedisRecords(this.#site);
    this.#statistics = new Statistics(this.#site);
    const parts = { authority: this.#authority, waits: this.#waits, statistics: this.#statistics };
    this.#entries = new Entries(this.#site, parts);
    this.#claims = new Claims(this.#site, { ...parts, entries: this.#entries }, () => this.#feed?.isSound ?? false);
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#entries.get(key);
  }

  getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return this.#entries.getMany(keys);
  }

  set(key: string, entry: Entry, options?: SetOptions): Promise<boolean> {
    return this.#entries.set(key, entry, options);
  }

  /** In order: of a key that is there twice the last wins. A part at a time, so that none waits for long behind others. */
  async setMany(entries: readonly (readonly [key: string, entry: Entry])[]): Promise<void> {
    for (let at = 0; at < entries.length; at += setsAtOnce) {
      await Promise.all(entries.slice(at, at + setsAtOnce).map(([key, entry]) => this.#entries.set(key, entry)));
    }
  }

  delete(key: string): Promise<boolean> {
    return this.#entries.delete(key);
  }

  claim(key: string, options: ClaimOptions): Promise<Claim> {
    return this.#claims.claim(key, options);
  }

  /** First the sequence, so that nothing computed before is stored any more, then what is there. */
  async clear(): Promise<void> {
    await this.#authority.restart();
    await removeAll(this.#server.nodes(), this.#layout.prefix, this.#layout.authority, this.#server.isCluster);
    await this.#authority.announceClear();
    await this.#authority.replicated();
    this.#statistics.cleared();
    this.#waits.wakeAll();
  }

  async ready(): Promise<void> {
    await this.#starting;
    await this.#server.ready();
  }

  stats(): TierStats {
    return this.#statistics.own;
  }

  sharedStats(): Promise<SharedStats> {
    return this.#statistics.shared();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#claims.close();
    this.#statistics.stop();
    await this.#statistics.flush();
    this.#started();
    this.#feed?.close();
    this.#closeLink();
    this.#server.close();
  }

  #connect(source: string): { readonly server: Server; readonly closeLink: () => void } {
    const { client } = this.#settings;
    return isCluster(client) ? this.#connectCluster(client, source) : this.#connectSingle(client, source);
  }

  #connectSingle(client: RedisLike, source: string): { readonly server: Server; readonly closeLink: () => void } {
    let link: SingleLink | undefined;
    const server = new SingleServer(this.#settings, client, this.#layout, {
      up: (runId) => link?.expect(runId),
      down: () => this.#started(),
    });
    if (this.#feed === undefined) return { server, closeLink: () => undefined };
    const at = { channel: this.#layout.bus, prefix: this.#layout.valuePrefix };
    link = new SingleLink(
      this.#settings,
      client,
      at,
      this.#linkEvents(this.#feed, source, () => server.reconnect()),
    );
    return { server, closeLink: () => link?.close() };
  }

  #connectCluster(client: ClusterLike, source: string): { readonly server: Server; readonly closeLink: () => void } {
    const server = new ClusterServer(this.#settings, client);
    if (this.#feed === undefined) return { server, closeLink: () => undefined };
    const at = { channel: this.#layout.bus, source, masters: () => server.masters() };
    const link = new ClusterLink(
      this.#settings,
      at,
      this.#linkEvents(this.#feed, source, () => undefined),
    );
    void server.ready().then(
      () => link.open(),
      () => link.open(),
    );
    return { server, closeLink: () => link.close() };
  }

  #linkEvents(feed: ChangeFeed, source: string, dead: () => void): LinkEvents {
    const ear = new Ear({ feed, waits: this.#waits, layout: this.#layout, source });
    const inDoubt = (): void => {
      this.#started();
      this.#waits.wakeAll();
    };
    return {
      keys: (stored) => ear.changed(stored),
      message: (text) => ear.heard(text),
      doubt: () => {
        feed.doubt();
        inDoubt();
      },
      lost: () => {
        feed.lost();
        inDoubt();
      },
      sound: () => {
        feed.sound();
        this.#started();
      },
      dead,
    };
  }
}

function isCluster(client: RedisLike | ClusterLike): client is ClusterLike {
  return client.isCluster;
}
