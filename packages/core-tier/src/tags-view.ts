import { randomUUID } from 'node:crypto';
import { TagMirror, type Verdict } from './tag-mirror.ts';
import type { Epoch } from './tags.ts';

/** The authority as the stack reaches it: guarded, so `undefined` means it could not be asked. */
export interface RemoteAuthority {
  epoch(): Promise<Epoch | undefined>;
  since(epoch: Epoch): Promise<ReadonlyMap<string, number> | 'everything' | undefined>;
  bump(tags: readonly string[]): Promise<Epoch | undefined>;
}

/** Decides what is alive, for one namespace. Without a remote authority this process is the authority. */
export class TagsView {
  readonly #namespaceTag: string;
  readonly #remote: RemoteAuthority | undefined;
  readonly #mirror: TagMirror;
  /** invalidated here, not yet at the authority: nothing that carries one of these is served */
  readonly #owed = new Set<string>();
  #sequence = 0;
  #generation = randomUUID();
  #linked = true;
  #caughtUp = false;
  #catching: Promise<boolean> | undefined;
  #heardMeanwhile = false;
  #knownForeign: string | undefined;
  /** counts what may have killed a value, so that "nothing happened since" is one comparison */
  tick = 0;
  /** invalidations that began in this process */
  bumps = 0;
  /** announcements of invalidations that began elsewhere */
  news = 0;

  constructor(namespaceTag: string, remote: RemoteAuthority | undefined) {
    this.#namespaceTag = namespaceTag;
    this.#remote = remote;
    this.#mirror = new TagMirror(namespaceTag, remote === undefined);
    if (remote === undefined) {
      this.#mirror.adopt({ generation: this.#generation, sequence: 0 });
      this.#caughtUp = true;
    }
  }

  /** true while every invalidation is known here, give or take its way to us */
  get inStep(): boolean {
    return this.#caughtUp && this.#linked;
  }

  get owes(): boolean {
    return this.#owed.size > 0;
  }

  /** How far every invalidation is known. */
  get complete(): Epoch | undefined {
    return this.#mirror.complete;
  }

  /** Where a value whose computation begins now stands; undefined when the authority was never reached. */
  capture(): Epoch | undefined {
    return this.#mirror.latest;
  }

  judge(epoch: Epoch | undefined, tags: readonly string[] | undefined): Verdict {
    if (this.#owed.size > 0 && this.#isOwed(tags)) return 'dead';
    return this.#mirror.judge(epoch, tags);
  }

  /** Like `judge`, asking the authority about what this process does not know. Not being able to ask counts as dead. */
  async verify(epoch: Epoch | undefined, tags: readonly string[] | undefined): Promise<boolean> {
    if (this.#remote === undefined) return this.judge(epoch, tags) === 'alive';
    if (epoch === undefined || (!this.inStep && !(await this.catchUp()))) return false;
    if (epoch.generation !== this.#mirror.complete?.generation) await this.#meet(epoch);
    const verdict = this.judge(epoch, tags);
    if (verdict !== 'unknown') return verdict === 'alive';
    return (await this.#ask(epoch)) && this.judge(epoch, tags) === 'alive';
  }

  /** Resolves "queued" when the authority could not be reached: the tags are owed to it and nothing that carries them is served here. */
  async bump(tags: readonly string[]): Promise<'done' | 'queued'> {
    this.tick += 1;
    this.bumps += 1;
    if (this.#remote === undefined) {
      this.#sequence += 1;
      this.#mirror.bumped(tags, { generation: this.#generation, sequence: this.#sequence });
      return 'done';
    }
    const epoch = await this.#remote.bump(tags);
    if (epoch !== undefined) {
      this.#take(tags, epoch);
      return 'done';
    }
    for (const tag of tags) this.#owed.add(tag);
    this.tick += 1;
    return 'queued';
  }

  /** Pays what is owed; true when nothing is left. */
  async settle(): Promise<boolean> {
    const tags = [...this.#owed];
    if (tags.length === 0 || this.#remote === undefined) return true;
    const epoch = await this.#remote.bump(tags);
    if (epoch === undefined) return false;
    this.#take(tags, epoch);
    for (const tag of tags) this.#owed.delete(tag);
    return this.#owed.size === 0;
  }

  /** An invalidation was announced. */
  heard(tags: readonly string[], epoch: Epoch): void {
    this.news += 1;
    this.#take(tags, epoch);
  }

  #take(tags: readonly string[], epoch: Epoch): void {
    this.tick += 1;
    this.#heardMeanwhile = true;
    if (this.#mirror.complete === undefined) return;
    this.#mirror.bumped(tags, epoch);
    this.#closeGap();
  }

  /** A place in the sequence was seen, without what led there. */
  observed(epoch: Epoch): void {
    if (this.#remote === undefined) return;
    if (this.#mirror.complete === undefined) this.#mirror.adopt(epoch);
    else this.#mirror.reached(epoch);
    this.#closeGap();
  }

  /** The link to the authority is in doubt. */
  unsure(): void {
    if (this.#remote === undefined) return;
    this.#linked = false;
    this.#caughtUp = false;
    this.tick += 1;
  }

  /** The link is sound again; what was missed meanwhile is still to be learned. */
  sound(): void {
    this.#linked = true;
  }

  /** Learns everything up to now; false when the authority could not be asked. Concurrent callers share one round. */
  catchUp(): Promise<boolean> {
    this.#catching ??= this.#catchUp().finally(() => {
      this.#catching = undefined;
    });
    return this.#catching;
  }

  async #catchUp(): Promise<boolean> {
    if (this.#remote === undefined) return true;
    this.#heardMeanwhile = false;
    const now = await this.#remote.epoch();
    if (now === undefined) return false;
    const before = this.#mirror.complete;
    if (before?.generation !== now.generation) {
      this.#mirror.adopt(now);
      // Meeting the authority for the first time kills nothing.
      if (before !== undefined) this.tick += 1;
    } else if (now.sequence > before.sequence && !(await this.#learn(before, now))) return false;
    // What was announced before we knew the generation was dropped: the next round brings it.
    if (this.#heardMeanwhile && before === undefined) return this.#catchUp();
    this.#caughtUp = true;
    return true;
  }

  async #learn(before: Epoch, now: Epoch): Promise<boolean> {
    const changes = await this.#remote?.since(before);
    if (changes === undefined) return false;
    this.tick += 1;
    this.#mirror.reached(now);
    if (changes === 'everything') this.#mirror.forgetBefore(now);
    else this.#mirror.learned(changes, before.sequence, now.sequence);
    return true;
  }

  /** Delivery runs behind anyway, so a gap does not stop reads; it is closed at once, and a link that lost messages for long is "unsure". */
  #closeGap(): void {
    if (this.#mirror.hasGap && this.inStep) void this.catchUp();
  }

  /** An entry of a generation we do not know: either it is an old one, or the authority started anew and we have not heard. */
  async #meet(epoch: Epoch): Promise<void> {
    if (epoch.generation === this.#knownForeign) return;
    if (await this.catchUp()) this.#knownForeign = epoch.generation;
  }

  async #ask(epoch: Epoch): Promise<boolean> {
    const changes = await this.#remote?.since(epoch);
    if (changes === undefined) return false;
    if (changes === 'everything') {
      this.#mirror.lost(epoch.sequence);
      return false;
    }
    this.#mirror.learned(changes, epoch.sequence, epoch.sequence);
    return true;
  }

  #isOwed(tags: readonly string[] | undefined): boolean {
    if (this.#owed.has(this.#namespaceTag)) return true;
    return tags?.some((tag) => this.#owed.has(tag)) ?? false;
  }
}
