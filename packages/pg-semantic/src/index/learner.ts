import type { Entry, Question } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import type { Candidate, Label } from '../policy.ts';
import { type Fresh, type Kept, storeAnswer, storeWording } from './answer-store.ts';
import { type Agreement, agreementOf } from './answers-agree.ts';
import { type Asked, askedOf } from './asked.ts';
import { report } from './errors.ts';
import { banned } from './feedback.ts';
import { rowsOf } from './rows.ts';
import type { Site } from './site.ts';
import type { Ticket } from './tickets.ts';
import type { LearnOptions, WarmAnswer } from './types.ts';
import { fromBytes } from './value-codec.ts';

/** stored answers that a fresh one is compared with */
const comparedAnswers = 3;

/** What comparing a fresh answer with those near told. */
interface Compared {
  /** the answer that can stand for it */
  readonly one: string | undefined;
  /** one of them says the same */
  readonly isRepeat: boolean;
}

/** Takes fresh answers in. Never rejects; off the way of any question. */
export class Learner {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  async learn(
    ticket: string | undefined,
    question: Question,
    entry: Entry,
    { sources = {} }: LearnOptions,
  ): Promise<void> {
    try {
      const taken = ticket === undefined ? undefined : this.#site.tickets.take(ticket);
      const isKnown = ticket !== undefined && taken === undefined;
      if (isKnown || !this.#isWorthKeeping(entry)) return;
      const asked = askedOf(question, this.#site.settings.maxTextBytes);
      if (asked === undefined) return;
      const fresh = await this.#fresh(asked, entry, sources, taken);
      const { one, isRepeat } = await this.#compared(fresh, taken);
      const onlyWords = isRepeat && !this.#site.settings.policy.aliases;
      this.#count(await this.#store({ ...fresh, onlyWords }, one), asked);
    } catch (error) {
      report('learn', 'ERR_PG_SEMANTIC_LEARN', error);
    }
  }

  /** Answers without a question before them: nothing to compare, one call of the embedder for a batch. */
  async warm(list: readonly WarmAnswer[]): Promise<number> {
    const { vectors, settings } = this.#site;
    let stored = 0;
    for (let start = 0; start < list.length; start += 64) {
      const batch = list.slice(start, start + 64).filter(({ entry }) => this.#isWorthKeeping(entry));
      const texts = batch.map(({ question }) => question.text).filter((text) => text.trim() !== '');
      // A failure shows again, and is reported, where a text of this batch is learned.
      await vectors.ofAll(texts.filter((text) => text.length <= settings.maxTextBytes)).catch(() => undefined);
      const before = this.#site.counts.answers;
      for (const { question, entry } of batch) await this.learn(undefined, question, entry, {});
      stored += this.#site.counts.answers - before;
    }
    return stored;
  }

  #isWorthKeeping({ kind = 'value', expiresAt }: Entry): boolean {
    return kind === 'value' && (expiresAt === undefined || expiresAt > this.#site.settings.now());
  }

  async #fresh(asked: Asked, entry: Entry, sources: Fresh['sources'], ticket: Ticket | undefined): Promise<Fresh> {
    const { settings, models, vectors } = this.#site;
    const { now, ttlMs } = settings;
    const vector = await vectors.of(asked.text).catch((error: unknown) => {
      report('learn', 'ERR_PG_SEMANTIC_LEARN', error);
      return undefined;
    });
    return {
      asked,
      entry,
      sources,
      vector,
      modelId: await models.id(),
      onlyWords: false,
      now: now(),
      endsAt: ttlMs === undefined ? undefined : entry.createdAt + ttlMs,
      askedAt: ticket?.at,
      sequence: ticket?.sequence,
    };
  }

  /** Compares with the answers that were near when the question was asked; a label comes of it, and the answer that stands for this one, too. */
  async #compared({ asked, entry }: Fresh, ticket: Ticket | undefined): Promise<Compared> {
    const { candidates = [], decision } = ticket?.miss ?? {};
    const order = decision?.candidate === undefined ? candidates : [decision.candidate, ...candidates];
    const ids = [...new Set(order.map(({ answerId }) => answerId))].slice(0, comparedAnswers);
    if (ids.length === 0) return { one: undefined, isRepeat: false };
    const values = await this.#valuesOf(asked, ids);
    let one: string | undefined;
    let isRepeat = false;
    for (const id of ids) {
      if (!values.has(id)) continue;
      const agreement = await this.#agreement(entry.value, values.get(id));
      if (agreement?.isOne) one ??= id;
      isRepeat ||= agreement?.same === true;
      if (agreement?.same !== undefined && decision?.candidate?.answerId === id) {
        await this.#label(asked, decision.candidate, {
          right: agreement.same,
          features: decision.features,
          audit: decision.audit,
        });
      }
    }
    return { one, isRepeat };
  }

  async #label(
    asked: Asked,
    { promptId, answerId, similarity }: Candidate,
    {
      right,
      features,
      audit,
    }: { readonly right: boolean; readonly features: Label['features']; readonly audit: boolean },
  ): Promise<void> {
    const { lessons, journal, settings, db } = this.#site;
    const source = audit ? 'audit' : 'miss';
    await lessons.observe(asked.category, {
      promptId,
      answerId,
      similarity,
      features,
      right,
      source,
      at: settings.now(),
    });
    // Misses say nothing about the answer, only about the pair.
    if (audit) journal.verdict(answerId, right);
    if (!audit || right) return;
    await banned(db.primary, { ...asked, scopeHash: asked.space.scopeHash, answerId, promptId }, settings.now());
  }

  async #agreement(fresh: unknown, stored: unknown): Promise<Agreement | undefined> {
    try {
      return await agreementOf(this.#site.settings, this.#site.vectors, { fresh, stored });
    } catch (error) {
      report('learn', 'ERR_PG_SEMANTIC_SAME_ANSWER', error);
      return undefined;
    }
  }

  async #valuesOf({ space }: Asked, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const rows = await rowsOf<{ id: string; value: Uint8Array }>(
      this.#site.db.primary,
      sql`select a.id::text, a.value from agent_cache.ac_answer a where a.id = any(${sql.param(ids)}::bigint[])
        and a.tenant = ${space.tenant} and a.scope_hash = ${space.scopeHash} and a.ends_at > ${this.#site.settings.now()}`,
    );
    return new Map(rows.map(({ id, value }) => [id, fromBytes(value)]));
  }

  async #store(fresh: Fresh, one: string | undefined): Promise<Kept> {
    const { primary } = this.#site.db;
    const kept = one === undefined ? 'refused' : await storeWording(primary, fresh, one);
    return kept === 'refused' ? storeAnswer(primary, fresh) : kept;
  }

  #count(kept: Kept, { space }: Asked): void {
    const { counts, nearIndexes } = this.#site;
    if (kept === 'answer') counts.answers += 1;
    else if (kept === 'wording') counts.wordings += 1;
    else counts.refused += 1;
    if (kept !== 'refused') nearIndexes.grew(space);
  }
}
