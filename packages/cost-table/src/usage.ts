/**
 * What one model call used, in tokens. `inputTokens` is everything in the prompt, cached or not, as OpenTelemetry's GenAI conventions
 * count it; the cache figures say how much of it was read from or written to the provider's prompt cache.
 */
export interface Usage {
  /** all prompt tokens, cache reads and writes included */
  readonly inputTokens: number;
  /** part of `inputTokens` read from the provider's prompt cache */
  readonly cacheReadTokens?: number | undefined;
  /** parts of `inputTokens` written to the provider's prompt cache, by how long they live */
  readonly cacheWriteTokens?: { readonly [ttl in '5m' | '30m' | '1h' | '12h']?: number | undefined } | undefined;
  /** all output tokens, reasoning included */
  readonly outputTokens: number;
  /** part of `outputTokens` */
  readonly reasoningTokens?: number | undefined;
  /** part of `inputTokens` */
  readonly audioInputTokens?: number | undefined;
  /** part of `outputTokens` */
  readonly audioOutputTokens?: number | undefined;
  /** billed calls of the provider's own tools, by name: `{ webSearch: 2 }` */
  readonly toolCalls?: Readonly<Record<string, number>> | undefined;
}
