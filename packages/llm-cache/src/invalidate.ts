import { implicitTag } from '@agent-cache/core-tier';
import type { Core } from './core.ts';
import { type TenantOf, tenantFor } from './tenant.ts';

/** What to forget. Several of these together forget what any of them names. */
export interface Invalidation {
  /** as requests, or answers, name it */
  readonly model?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** as `tenantOf` or the header `x-agent-cache-tenant` names it */
  readonly tenant?: string | undefined;
  /** a fact that changed: the answers to questions that are near enough to a text; needs `answers` */
  readonly similarTo?: SimilarTo | undefined;
  /** everything of the cache's namespace, in the tiers and in the answer index */
  readonly everything?: boolean | undefined;
  /** for those who read the events */
  readonly reason?: string | undefined;
}

/** Questions whose meaning is near a text. */
export interface SimilarTo extends TenantOf {
  readonly text: string;
  /** least similarity, 0 to 1, by the embedder of the index; its `deleteSimilar` with `dryRun` shows what it would take */
  readonly atLeast: number;
}

/** @throws TypeError when nothing is named, a tag belongs to the cache, or there is no index to ask for what is similar */
export async function invalidateAnswers(core: Core, what: Invalidation): Promise<'done' | 'queued'> {
  const tags = await tagsNamed(core, what);
  const { similarTo, everything = false, reason } = what;
  if (tags.length === 0 && similarTo === undefined && !everything) {
    throw new TypeError(
      'invalidate: name a `model`, `tags`, a `tenant` or `similarTo`; to forget all of it, say `everything: true`.',
    );
  }
  const { cache, namespace } = core.settings;
  if (everything) tags.push(implicitTag('namespace', namespace));
  // The index first: what it still gave after the tiers have forgotten would be copied to them anew.
  const inIndex = core.index === undefined || tags.length === 0 ? 'done' : await core.index.invalidate(tags);
  const because = reason === undefined ? {} : { reason };
  const inTiers = everything ? await cache.clear(because) : await cache.invalidate({ tags, ...because });
  return inIndex === 'queued' ? inIndex : inTiers;
}

async function tagsNamed(core: Core, { model, tags = [], tenant, similarTo }: Invalidation): Promise<string[]> {
  const reserved = tags.find((tag) => tag.startsWith('@'));
  if (reserved !== undefined) {
    throw new TypeError(
      `invalidate: the tag "${reserved}" belongs to the cache; name \`model\` or \`tenant\` instead.`,
    );
  }
  const named = [...tags];
  if (model !== undefined) named.push(implicitTag('model', model));
  if (tenant !== undefined) named.push(implicitTag('tenant', tenant));
  if (similarTo !== undefined) named.push(...(await tagsOfSimilar(core, similarTo)));
  return named;
}

async function tagsOfSimilar(core: Core, { text, atLeast, ...whose }: SimilarTo): Promise<readonly string[]> {
  const { answers } = core.settings;
  if (answers === undefined)
    throw new TypeError('invalidate: `similarTo` needs an answer index; see the option `answers`.');
  // What is on its way into the index could not be found there.
  await Promise.all(core.lessons);
  return answers.deleteSimilar(text, { tenant: await tenantFor(core.settings, core.digest, whose), atLeast });
}
