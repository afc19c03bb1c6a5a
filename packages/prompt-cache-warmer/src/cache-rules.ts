import type { CacheTtl } from '@agent-cache/cost-table';
import type { PromptFormat } from './prompt-format.ts';

/** How long a written prefix lives: a paid life, or `memory`, OpenAI's unpaid one up to gpt-5.5. */
export type PrefixTtl = CacheTtl | 'memory';

/** One of the lives a provider offers. */
export interface PrefixLife {
  readonly ttl: PrefixTtl;
  /** from the last read or write on, ms */
  readonly lifeMs: number;
  /** from the write on, however often it is read, ms */
  readonly atMostMs?: number | undefined;
}

/** What a provider's prompt cache does, as published. */
export interface CacheRules {
  readonly family:
    | 'anthropic'
    | 'bedrock'
    | 'openai-breakpoints'
    | 'openai-automatic'
    | 'gemini'
    | 'deepseek'
    | 'unknown';
  /** markers a request may carry; 0 where the provider finds prefixes by itself */
  readonly maxMarkers: number;
  /** the end of the latest message is written without a marker, and every message end is read */
  readonly endsAreImplicit: boolean;
  /** how many blocks, its own included, a marker looks back for a known prefix */
  readonly lookBackBlocks: number;
  /** the lives one can choose or count on, shortest first; none where a ping buys nothing that is promised */
  readonly lives: readonly PrefixLife[];
  /** why nothing can be kept alive, in words */
  readonly noKeepAlive?: string | undefined;
  readonly source: string;
  readonly asOf: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SHORT_AND_LONG: readonly PrefixLife[] = [
  { ttl: '5m', lifeMs: 5 * MINUTE_MS },
  { ttl: '1h', lifeMs: HOUR_MS },
];

const anthropic: CacheRules = {
  family: 'anthropic',
  maxMarkers: 4,
  endsAreImplicit: false,
  lookBackBlocks: 20,
  lives: SHORT_AND_LONG,
  source: 'platform.claude.com, "Prompt caching"',
  asOf: '2026-11-21',
};

const bedrock: CacheRules = {
  ...anthropic,
  family: 'bedrock',
  source: 'docs.aws.amazon.com/bedrock, "Prompt caching"',
};

const openaiBreakpoints: CacheRules = {
  family: 'openai-breakpoints',
  maxMarkers: 3,
  endsAreImplicit: true,
  lookBackBlocks: 1,
  lives: [
    { ttl: '30m', lifeMs: 30 * MINUTE_MS },
    { ttl: '12h', lifeMs: 12 * HOUR_MS },
  ],
  source: 'developers.openai.com, "Prompt caching"',
  asOf: '2026-09-23',
};

const automatic = { maxMarkers: 0, endsAreImplicit: true, lookBackBlocks: Number.POSITIVE_INFINITY } as const;

/** In memory: "generally" 5 to 10 idle minutes, one hour at most. */
const openaiAutomatic: CacheRules = {
  ...automatic,
  family: 'openai-automatic',
  lives: [{ ttl: 'memory', lifeMs: 10 * MINUTE_MS, atMostMs: HOUR_MS }],
  source: openaiBreakpoints.source,
  asOf: openaiBreakpoints.asOf,
};

const gemini: CacheRules = {
  ...automatic,
  family: 'gemini',
  lives: [],
  noKeepAlive: 'the implicit cache promises no lifetime, so a ping buys nothing',
  source: 'ai.google.dev, "Context caching"',
  asOf: '2026-11-21',
};

const deepseek: CacheRules = {
  ...automatic,
  family: 'deepseek',
  lives: [],
  noKeepAlive: 'the disk cache lives for hours to days without a fee',
  source: 'api-docs.deepseek.com, "Context caching"',
  asOf: '2026-11-21',
};

const unknown: CacheRules = {
  ...automatic,
  family: 'unknown',
  lives: [],
  noKeepAlive: 'nothing is known of the prompt cache of this model',
  source: 'none',
  asOf: '2026-11-21',
};

/** The rules for a model behind an API. */
export function cacheRulesOf(format: PromptFormat, model: string): CacheRules {
  if (format === 'anthropic-messages') return anthropic;
  if (format === 'bedrock-converse') return /claude|nova/i.test(model) ? bedrock : unknown;
  if (format === 'gemini-generate') return gemini;
  const name = model.toLowerCase().replace(/^openai\//, '');
  if (name.startsWith('deepseek')) return deepseek;
  if (!/^(gpt|o\d|chatgpt)/.test(name)) return unknown;
  const version = openaiVersion(name);
  if (version >= 5.06) return openaiBreakpoints;
  if (version >= 5.05) return { ...openaiAutomatic, lives: [], noKeepAlive: 'this model keeps prefixes for 24 hours' };
  return openaiAutomatic;
}

/** The rules by a model's name alone, for arithmetic without a request. */
export function rulesOfModel(model: string): CacheRules {
  const name = model.toLowerCase();
  if (/(^|[./])anthropic\.claude/.test(name) || name.startsWith('bedrock/')) return bedrock;
  if (name.includes('claude')) return anthropic;
  if (name.includes('gemini')) return gemini;
  return cacheRulesOf('openai-responses', model);
}

/** `gpt-5.10` is newer than `gpt-5.6`: 5.10 against 5.06. */
function openaiVersion(name: string): number {
  const [, major = '0', minor = '0'] = /^(?:chat)?gpt-(\d+)(?:\.(\d+))?/.exec(name) ?? [];
  return Number(major) + Number(minor) / 100;
}
