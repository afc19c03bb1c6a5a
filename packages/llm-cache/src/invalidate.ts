import { implicitTag } from '@agent-cache/core-tier';
import type { Core } from './core.ts';

/** What to forget. Several of these together forget what any of them names. */
export interface Invalidation {
  /** as requests, or answers, name it */
  readonly model?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** as `tenantOf` or the header `x-agent-cache-tenant` names it */
  readonly tenant?: string | undefined;
  /** for those who read the events */
  readonly reason?: string | undefined;
}

/** @throws TypeError when nothing is named, or a tag belongs to the cache */
export async function invalidateAnswers(
  core: Core,
  { model, tags = [], tenant, reason }: Invalidation,
): Promise<'done' | 'queued'> {
  const reserved = tags.find((tag) => tag.startsWith('@'));
  if (reserved !== undefined) {
    throw new TypeError(
      `invalidate: the tag "${reserved}" belongs to the cache; name \`model\` or \`tenant\` instead.`,
    );
  }
  const named = [...tags];
  if (model !== undefined) named.push(implicitTag('model', model));
  if (tenant !== undefined) named.push(implicitTag('tenant', tenant));
  if (named.length === 0) {
    throw new TypeError(
      'invalidate: name a `model`, `tags` or a `tenant`; to forget everything, call `clear()` of the cache.',
    );
  }
  return core.settings.cache.invalidate({ tags: named, ...(reason === undefined ? {} : { reason }) });
}
