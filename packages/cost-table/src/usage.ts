/** How long a provider's prompt cache keeps what was written to it. */
export type CacheTtl = '5m' | '30m' | '1h' | '12h';

/** What a request asked for beyond the standard service, where providers price it apart. */
export type ServiceTier = 'batch' | 'flex' | 'priority';

/**
 * What one model call used, in tokens. `inputTokens` is everything in the prompt, cached or not, as OpenTelemetry's GenAI conventions
 * count it; the cache figures say how much of it was read from or written to the provider's prompt cache. Every count is a whole
 * number of at least 0, and parts never exceed their total.
 */
export interface Usage {
  /** all prompt tokens, cache reads and writes included */
  readonly inputTokens: number;
  /** part of `inputTokens` read from the provider's prompt cache */
  readonly cacheReadTokens?: number | undefined;
  /** parts of `inputTokens` written to the provider's prompt cache, by how long they live */
  readonly cacheWriteTokens?: { readonly [ttl in CacheTtl]?: number | undefined } | undefined;
  /** all output tokens, reasoning included */
  readonly outputTokens: number;
  /** part of `outputTokens` */
  readonly reasoningTokens?: number | undefined;
  /** part of `inputTokens`; may overlap `cacheReadTokens`, by exactly `cacheReadAudioTokens` */
  readonly audioInputTokens?: number | undefined;
  /** part of both `cacheReadTokens` and `audioInputTokens` */
  readonly cacheReadAudioTokens?: number | undefined;
  /** part of `outputTokens` */
  readonly audioOutputTokens?: number | undefined;
  /** part of `outputTokens` */
  readonly imageOutputTokens?: number | undefined;
  /** billed calls of the provider's own tools, by name: `{ webSearch: 2 }` */
  readonly toolCalls?: Readonly<Record<string, number>> | undefined;
  /** how the provider says it served the call, when it says so in the usage; options of `costOf` win over it */
  readonly serviceTier?: ServiceTier | undefined;
  /** Anthropic's inference speed, when not standard */
  readonly speed?: 'fast' | undefined;
  /** where the provider says the call was bound to, when that has a price of its own: Anthropic's `"us"` */
  readonly region?: string | undefined;
}
