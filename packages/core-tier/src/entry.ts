import type { Epoch } from './tags.ts';

/** JSON, with Uint8Array at any depth. */
export type Storable = unknown;

export interface Entry<V = Storable> {
  readonly value: V;
  /** ms since epoch, taken BEFORE the value was computed */
  readonly createdAt: number;
  /** soft end: after it the entry is stale; undefined = never */
  readonly expiresAt?: number | undefined;
  /** hard end: until it a stale entry may be served while one refresh runs */
  readonly staleUntil?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  /** where the tag authority stood BEFORE the value was computed; present whenever there is an authority */
  readonly epoch?: Epoch | undefined;
  /** negative entries, only when the policy asks for them */
  readonly kind?: 'value' | 'absent' | 'error' | undefined;
  /** what a hit saves */
  readonly cost?: EntryCost | undefined;
}

export interface EntryCost {
  readonly model?: string | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly picoUsd?: bigint | undefined;
  readonly computeMs?: number | undefined;
}
