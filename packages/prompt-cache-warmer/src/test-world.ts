import type { JsonObject } from '@agent-cache/wire-formats';
import { createWarmer } from './create-warmer.ts';
import { text } from './test-shapes.ts';
import type { WarmRequest } from './warm-request.ts';
import type { ObservedAnswer, Warmer, WarmerOptions } from './warmer-types.ts';

export const MINUTE: number = 60_000;
export const HOUR: number = 60 * MINUTE;
const START: number = Date.UTC(2026, 0, 5);

/** A clock that stands still until it is moved, with its timers. */
export class FakeClock {
  time: number = START;
  readonly #timers = new Set<{ readonly dueAt: number; readonly run: () => void }>();

  readonly now = (): number => this.time;

  readonly schedule = (run: () => void, delayMs: number): (() => void) => {
    const timer = { dueAt: this.time + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  /** Moves on, running what falls due; what that begins is done before the next. */
  async advance(ms: number, settled: () => Promise<void> = nextTurn): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.time = Math.max(this.time, next.dueAt);
      next.run();
      await settled();
    }
    this.time = end;
  }
}

/** Everything that needs no I/O is done. */
export async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export const TOKENS: number = 10_000;

export const prefix = (model = 'claude-haiku-4-5'): JsonObject => ({
  model,
  max_tokens: 100,
  system: [{ type: 'text', text: text('policy', TOKENS) }],
});

export const question = (words = 'Hi', model?: string): JsonObject => ({
  ...prefix(model),
  messages: [{ role: 'user', content: words }],
});

export const usageOf = (found: 'read' | 'written' | 'nothing'): NonNullable<ObservedAnswer['usage']> => ({
  inputTokens: TOKENS + 20,
  outputTokens: 5,
  ...(found === 'read' ? { cacheReadTokens: TOKENS } : {}),
  ...(found === 'written' ? { cacheWriteTokens: { '5m': TOKENS } } : {}),
});

export interface World {
  readonly clock: FakeClock;
  readonly warmer: Warmer;
  readonly sent: WarmRequest[];
  /** what the provider answers next; by default it reads the prefix */
  answer: () => unknown;
}

/** A warmer whose provider is a function. */
export function world(options: Partial<WarmerOptions> = {}): World {
  const clock = new FakeClock();
  const sent: WarmRequest[] = [];
  const made: World = {
    clock,
    sent,
    answer: () => ({ usage: { input_tokens: 1, output_tokens: 0, cache_read_input_tokens: TOKENS } }),
    warmer: createWarmer({
      budgetUsd: 10,
      now: clock.now,
      random: () => 0,
      schedule: clock.schedule,
      send: async (request) => {
        sent.push(request);
        return made.answer();
      },
      ...options,
    }),
  };
  return made;
}

/** Real requests, so many minutes apart, that found the prefix. */
export async function traffic({ clock, warmer }: World, count: number, everyMs: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    if (index > 0) await clock.advance(everyMs);
    warmer.observe({
      request: { body: question(`Question ${index}`) },
      usage: usageOf(index === 0 ? 'written' : 'read'),
    });
  }
}
