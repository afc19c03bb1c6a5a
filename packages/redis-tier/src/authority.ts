import type { Epoch, TagAuthority } from '@agent-cache/core-tier';
import { busText } from './bus-message.ts';
import { RedisTierError } from './errors.ts';
import * as scripts from './scripts/authority-scripts.ts';
import type { Site } from './site.ts';
import { fromWire, toWire } from './text.ts';

/** Tags and deleted keys remembered; older ones make way, and what was computed before them is refused. */
export const maxMembers = 100_000;

/** The sequence of invalidations of one tier namespace, kept as one sorted set on the server. */
export class Authority implements TagAuthority {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  async epoch(): Promise<Epoch> {
    return epochFrom(await this.#site.onAuthority(scripts.epoch, []));
  }

  async bump(tags: readonly string[]): Promise<Epoch> {
    const { layout, source } = this.#site;
    const members = tags.map((tag) => `t${toWire(tag)}`);
    const text = JSON.stringify(tags);
    const told = [layout.bus, busText.bumped(source), text];
    const epoch = epochFrom(await this.#site.onAuthority(scripts.bump, [maxMembers, ...told, ...members]));
    await this.replicated();
    return epoch;
  }

  async since(epoch: Epoch): Promise<ReadonlyMap<string, number> | 'everything'> {
    const found = await this.#site.onAuthority(scripts.since, [epoch.generation, epoch.sequence]);
    if (!Array.isArray(found)) return 'everything';
    const bumped = new Map<string, number>();
    for (let index = 0; index < found.length; index += 2) {
      const member = String(found[index]);
      if (member.startsWith('t')) bumped.set(fromWire(member.slice(1)), Number(found[index + 1]));
    }
    return bumped;
  }

  /** Whether the key or one of the tags was invalidated after the epoch. */
  async isFenced(epoch: Epoch, key: string | undefined, tags: readonly string[] = []): Promise<boolean> {
    const { layout } = this.#site;
    const what = [key === undefined ? '' : layout.value(key), ...tags.map(toWire)];
    return Number(await this.#site.onAuthority(scripts.check, [epoch.generation, epoch.sequence, ...what])) === 1;
  }

  /** The first of two steps of a delete in Cluster. */
  async noteDelete(key: string): Promise<Epoch> {
    return epochFrom(await this.#site.onAuthority(scripts.note, [maxMembers, this.#site.layout.value(key)]));
  }

  /** Begins a new generation and tells everybody. */
  async restart(): Promise<void> {
    const { layout, source } = this.#site;
    await this.#site.onAuthority(scripts.restart, [layout.bus, busText.cleared(source)]);
  }

  /** Tells everybody that nothing is left of what they hold. */
  async announceClear(): Promise<void> {
    await this.#site.run('publish', [this.#site.layout.bus, busText.cleared(this.#site.source)]);
  }

  /** Waits until the replicas that were asked for have what was invalidated. */
  async replicated(): Promise<void> {
    const { waitForReplicas } = this.#site.settings;
    if (waitForReplicas === 0) return;
    const reached = Number(await this.#site.run('wait', [waitForReplicas, 200]));
    if (reached >= waitForReplicas) return;
    throw new RedisTierError(
      'ERR_REDIS_TIER_REPLICAS',
      `an invalidation reached ${reached} of the ${waitForReplicas} replicas that "waitForReplicas" asks for; it is repeated later`,
    );
  }
}

export function epochFrom(reply: unknown): Epoch {
  const [generation, sequence] = reply as [Buffer, Buffer | number];
  return { generation: String(generation), sequence: Number(sequence) };
}
