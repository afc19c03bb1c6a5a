import type { Background } from './background.ts';
import type { GuardedTier } from './guarded-tier.ts';
import type { Settings } from './options.ts';
import type { TagsView } from './tags-view.ts';

/** Brings tiers up to date with what they missed, as soon as they answer again. */
export class Recovery {
  readonly #retryMs: number;
  readonly #background: Background;
  readonly #namespaceTag: string;
  readonly #tags: () => TagsView;
  readonly #running = new Set<GuardedTier>();
  readonly #timers = new Map<GuardedTier, ReturnType<typeof setTimeout>>();
  #stopped = false;

  constructor(settings: Settings, background: Background, namespaceTag: string, tags: () => TagsView) {
    this.#retryMs = settings.breaker === false ? 5_000 : settings.breaker.openMs;
    this.#background = background;
    this.#namespaceTag = namespaceTag;
    this.#tags = tags;
  }

  /** The tier answers: replay what it missed. */
  start(guard: GuardedTier): void {
    if (this.#stopped || this.#running.has(guard)) return;
    this.#running.add(guard);
    this.#background.track(this.replay(guard).finally(() => this.#running.delete(guard)));
  }

  /** Something was missed: try again later, even if nobody calls the tier until then. */
  later(guard: GuardedTier): void {
    if (this.#stopped || this.#timers.has(guard)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(guard);
      this.start(guard);
    }, this.#retryMs);
    timer.unref();
    this.#timers.set(guard, timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Tags first, then keys; stops at the first step that fails. */
  async replay(guard: GuardedTier): Promise<void> {
    if (!(await this.#steps(guard))) this.later(guard);
  }

  async #steps(guard: GuardedTier): Promise<boolean> {
    const tags = this.#tags();
    if (guard.owesTags) {
      if (!(await tags.settle())) return false;
      guard.owesTags = false;
    }
    if (guard.queue.overflowed) {
      await tags.bump([this.#namespaceTag]);
      guard.queue.madeUp();
    }
    while (!guard.queue.isEmpty) if (!(await guard.replayNext())) return false;
    return true;
  }
}
