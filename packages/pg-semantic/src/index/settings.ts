import { embedderFrom } from '../embed/function-embedder.ts';
import { localEmbedder } from '../embed/local-embedder.ts';
import type { Embedder } from '../embedder.ts';
import { type Guards, guards } from '../guards/guards.ts';
import { calibrated } from '../policy/calibrated.ts';
import type { Policy } from '../policy.ts';
import type { SemanticIndexOptions } from './types.ts';

/** The options with their defaults. */
export interface Settings extends Omit<SemanticIndexOptions, 'embed'> {
  readonly embed: Embedder;
  readonly policy: Policy;
  readonly guards: Pick<Guards, 'inspect'>;
  readonly judgeDeadlineMs: number;
  readonly maxEntries: number;
  readonly sliding: boolean;
  readonly maxAgeMs: number;
  readonly deadlineMs: number;
  readonly maxTextBytes: number;
  readonly reviewRate: number;
  readonly restMs: number;
  readonly now: () => number;
  readonly random: () => number;
}

const dayMs = 86_400_000;

const defaults = {
  sliding: false,
  judgeDeadlineMs: 2_000,
  maxEntries: 100_000,
  maxAgeMs: 30 * dayMs,
  deadlineMs: 250,
  maxTextBytes: 8_192,
  reviewRate: 0.01,
  restMs: 1_000,
  now: Date.now,
  // Looked up each time, so that a test which replaces it decides what is audited.
  random: () => Math.random(),
};

/** @throws TypeError for options that cannot be, naming them */
export function settingsOf(options: SemanticIndexOptions): Settings {
  if (typeof options?.db?.primary?.execute !== 'function') {
    throw new TypeError('semanticIndex: "db" must be what openPostgres() resolves with; is an "await" missing?');
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  // What is left of `options` has the defaults' types once undefined values are gone.
  const settings = { ...defaults, ...given } as Omit<Settings, 'embed'>;
  checkRanges(settings);
  checkLives(options);
  const { embed = localEmbedder(), policy = calibrated(), guards: inspector = guards() } = options;
  return { ...settings, embed: embedderFrom(embed, 'semanticIndex'), policy, guards: inspector };
}

function checkRanges(settings: Omit<Settings, 'embed'>): void {
  for (const name of ['judgeDeadlineMs', 'maxEntries', 'maxAgeMs', 'deadlineMs', 'maxTextBytes', 'ttlMs'] as const) {
    const value = settings[name];
    if (value !== undefined && !(value > 0))
      throw new TypeError(`semanticIndex: "${name}" must be above 0, not ${value}`);
  }
  const { restMs, reviewRate } = settings;
  if (!(restMs >= 0)) throw new TypeError(`semanticIndex: "restMs" must be 0 or more, not ${restMs}`);
  if (!(reviewRate >= 0 && reviewRate <= 1)) {
    throw new TypeError(`semanticIndex: "reviewRate" is a share from 0 to 1, not ${reviewRate}`);
  }
}

function checkLives({ sliding = false, ttlMs, maxAgeMs }: SemanticIndexOptions): void {
  if (sliding && ttlMs === undefined) {
    throw new TypeError('semanticIndex: "sliding" extends lives by "ttlMs"; give "ttlMs", or leave "sliding" out');
  }
  if (!sliding && maxAgeMs !== undefined) {
    throw new TypeError(
      'semanticIndex: "maxAgeMs" bounds what "sliding" extends; set "sliding", or leave "maxAgeMs" out',
    );
  }
}
