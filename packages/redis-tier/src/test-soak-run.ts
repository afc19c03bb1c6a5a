import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, channels } from '@agent-cache/core-tier';

/** How often the tiers of a soak look whether their link is alive. */
export const heartbeatMs = 1_000;
/** What two busy cores may add before a timer fires. */
const slackMs = 500;
const slowestAllowedMs = 5_000;
const keyCount = 60;
const tagCount = 8;

/** A run of random faults under load, every answer checked against the truth. */
export interface SoakReport {
  readonly seed: number;
  readonly ms: number;
  readonly answers: number;
  readonly computations: number;
  readonly invalidations: number;
  readonly faults: Readonly<Record<string, number>>;
  /** older than an invalidation allows, of another key, or from the future */
  readonly wrong: readonly string[];
  /** calls that threw, or took longer than `slowestAllowedMs` */
  readonly lost: readonly string[];
  readonly slowestMs: number;
  /** what the tiers reported and handled, by code */
  readonly errors: Readonly<Record<string, number>>;
}

interface Answer {
  readonly key: string;
  readonly version: number;
}

/** The truth about one key, and what each cache must know of it. */
interface Truth {
  version: number;
  /** what happened lately, for whoever has to understand a wrong answer */
  readonly story: string[];
  /** changes under way; a set that overlaps another change could come before or after it */
  changing: number;
  setting: boolean;
  /** per cache: no call that begins now may get an older one */
  readonly floors: number[];
}

/** Calls, and the truth that every answer of theirs is held against. */
export class Run {
  readonly #random: () => number;
  readonly #caches: readonly Cache[];
  readonly #truths = new Map<string, Truth>();
  readonly #wrong: string[] = [];
  readonly #lost: string[] = [];
  readonly #errors: Record<string, number> = {};
  readonly faults: Record<string, number> = {};
  readonly #faultStory: string[] = [];
  readonly #beganAt = performance.now();
  #answers = 0;
  #computations = 0;
  #invalidations = 0;
  #slowestMs = 0;

  constructor(random: () => number, caches: readonly Cache[]) {
    this.#random = random;
    this.#caches = caches;
    for (let index = 0; index < keyCount; index += 1) {
      this.#truths.set(`key:${index}`, {
        version: 1,
        story: [],
        changing: 0,
        setting: false,
        floors: caches.map(() => 0),
      });
    }
  }

  listen(): () => void {
    const count = ({ code }: { readonly code: string }): void => {
      this.#errors[code] = (this.#errors[code] ?? 0) + 1;
    };
    channels.error.subscribe(count);
    return () => channels.error.unsubscribe(count);
  }

  async call(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const cache = Math.floor(this.#random() * this.#caches.length);
      const dice = this.#random();
      if (dice < 0.9) await this.#read(cache, this.#anyKey());
      else if (dice < 0.95) await this.#change('delete', cache, [this.#anyKey()], (it, [key]) => it.delete(key ?? ''));
      else if (dice < 0.98) await this.#invalidateTag(cache);
      else await this.#write(cache, this.#anyKey());
      await delay(this.#random() * 30);
    }
  }

  #anyKey(): string {
    return `key:${Math.floor(this.#random() ** 2 * keyCount)}`;
  }

  async #read(index: number, key: string): Promise<void> {
    const truth = this.#truthOf(key);
    const floor = truth.floors[index] ?? 0;
    const computeMs = this.#random() * 30;
    const startedAt = performance.now();
    try {
      const answer = await this.#caches[index]?.getOrSet<Answer>(key, () => this.#compute(key, index, computeMs), {
        tags: [tagOf(key)],
      });
      this.#check(index, key, answer, floor, startedAt);
    } catch (error) {
      this.#lost.push(`${key} at cache ${index}: ${String(error)}`);
    }
    this.#took(key, performance.now() - startedAt);
  }

  async #compute(key: string, index: number, ms: number): Promise<Answer> {
    this.#computations += 1;
    const { version } = this.#truthOf(key);
    this.note(`cache ${index} computes ${version}`, key);
    await delay(ms);
    return { key, version };
  }

  #check(index: number, key: string, answer: Answer | undefined, floor: number, startedAt: number): void {
    this.#answers += 1;
    const truth = this.#truthOf(key);
    const at = `${this.#clock(startedAt)}-${this.#clock()}`;
    const problem =
      answer?.key !== key
        ? `was answered with ${JSON.stringify(answer)}`
        : answer.version < floor
          ? `has ${answer.version}, ${floor} was due`
          : answer.version > truth.version && `has ${answer.version}, which is from the future`;
    if (problem === false) return;
    const story = [...truth.story, ...this.#faultStory.slice(-4)].join('; ');
    this.#wrong.push(`${at} ${key} at cache ${index} ${problem}. ${story}`);
  }

  /** Remembers what happened to a key; without one, to the server. */
  note(what: string, key?: string): void {
    const story = key === undefined ? this.#faultStory : this.#truthOf(key).story;
    story.push(`${this.#clock()} ${what}`);
    if (story.length > 16) story.shift();
  }

  #clock(at = performance.now()): number {
    return Math.round(at - this.#beganAt);
  }

  #took(what: string, ms: number): void {
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    if (ms > slowestAllowedMs) this.#lost.push(`${what} took ${Math.round(ms)} ms`);
  }

  async #invalidateTag(cache: number): Promise<void> {
    const tag = tagOf(this.#anyKey());
    const keys = [...this.#truths.keys()].filter((key) => tagOf(key) === tag);
    await this.#change('invalidate', cache, keys, (it) => it.invalidate({ tags: [tag] }));
  }

  async #write(cache: number, key: string): Promise<void> {
    const truth = this.#truthOf(key);
    if (truth.changing > 0) return;
    truth.setting = true;
    await this.#change('set', cache, [key], async (it) => {
      await it.set<Answer>(key, { key, version: truth.version }, { tags: [tagOf(key)] });
      // set() does not say whether every tier has it: for the others it counts when everything is settled.
      return 'queued';
    });
    truth.setting = false;
  }

  /** The truth changes, and then a cache is told. What it promises to whom begins when its promise resolves. */
  async #change(
    how: string,
    index: number,
    keys: readonly string[],
    tell: (cache: Cache, keys: readonly string[]) => Promise<'done' | 'queued'>,
  ): Promise<void> {
    const truths = keys.map((key) => this.#truthOf(key));
    if (how !== 'set' && truths.some(({ setting }) => setting)) return;
    const due = truths.map((truth) => {
      truth.version += 1;
      truth.changing += 1;
      return [truth, truth.version] as const;
    });
    const cache = this.#caches[index];
    if (cache === undefined) return;
    const startedAt = performance.now();
    for (const key of keys) this.note(`cache ${index} begins to ${how} for ${this.#truthOf(key).version}`, key);
    try {
      const outcome = await tell(cache, keys);
      this.#invalidations += 1;
      for (const [truth, version] of due) raise(truth, index, version);
      for (const key of keys) this.note(`cache ${index} ${how} ${outcome}`, key);
      if (outcome === 'done') setTimeout(() => this.#everywhere(due), heartbeatMs + slackMs);
    } catch (error) {
      this.#lost.push(`change of ${keys[0]} at cache ${index}: ${String(error)}`);
    }
    for (const truth of truths) truth.changing -= 1;
    this.#took(`change of ${keys[0]}`, performance.now() - startedAt);
  }

  #everywhere(due: readonly (readonly [Truth, number])[]): void {
    for (const [truth, version] of due) for (const index of truth.floors.keys()) raise(truth, index, version);
  }

  /** With the server well again, and time to hear of everything, every cache has to know every truth. */
  async settle(caches: readonly Cache[]): Promise<void> {
    await delay(heartbeatMs);
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(caches.map((cache) => cache.flush()));
      await delay(heartbeatMs + slackMs);
    }
    this.#everywhere([...this.#truths.values()].map((truth) => [truth, truth.version]));
    for (const key of this.#truths.keys()) await Promise.all(caches.map((_, index) => this.#read(index, key)));
  }

  report(seed: number, ms: number): SoakReport {
    return {
      seed,
      ms,
      answers: this.#answers,
      computations: this.#computations,
      invalidations: this.#invalidations,
      faults: this.faults,
      wrong: this.#wrong,
      lost: this.#lost,
      slowestMs: Math.round(this.#slowestMs),
      errors: this.#errors,
    };
  }

  #truthOf(key: string): Truth {
    const truth = this.#truths.get(key);
    if (truth === undefined) throw new Error(`no truth about ${key}`);
    return truth;
  }
}

function raise(truth: Truth, index: number, version: number): void {
  truth.floors[index] = Math.max(truth.floors[index] ?? 0, version);
}

function tagOf(key: string): string {
  return `group:${Number(key.slice(4)) % tagCount}`;
}
