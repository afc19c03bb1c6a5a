import type { Found, Question } from '@agent-cache/core-tier';
import type { Candidate, Decision } from '../policy.ts';
import { answerTagOf } from './answer-tag.ts';
import { type Asked, askedOf } from './asked.ts';
import { type Nearby, type Search, scannedCandidates } from './candidates.ts';
import { within } from './deadline.ts';
import { report } from './errors.ts';
import { Gatherer } from './gatherer.ts';
import { type HitFacts, hitIdOf } from './hit-id.ts';
import { judged } from './judging.ts';
import { forEver } from './migration.ts';
import { reranked } from './reranking.ts';
import type { Rest } from './rest.ts';
import { type AtOnce, SingleSearch } from './single-search.ts';
import type { Site } from './site.ts';
import { confirmed, type Proposal, type SameWords, type StoredAnswer, sameWordsOf } from './stored-answer.ts';
import { fromBytes } from './value-codec.ts';
import { withoutVetoed } from './vetoes.ts';

/** A lookup that has looked for the same words. */
export interface Begun {
  readonly question: Question;
  readonly found?: Found<unknown> | undefined;
  readonly asked?: Asked | undefined;
  /** what is near, when nothing had to be waited for to ask for it as well; go on at once */
  readonly near?: Nearby | undefined;
  readonly sequence: number | undefined;
  /** real time, ms: deadlines are not for fake clocks */
  readonly deadline: number;
}

/** A question, with its vector when that is at hand and nothing else is to be waited for. */
type Looked = Asked & { readonly vector: Float32Array | undefined };

/** What is found for the same words; what is near, if it was looked for as well. */
type Look = SameWords & Partial<AtOnce>;

/** What a policy makes of the wordings near a question. */
interface Verdict {
  readonly candidates: readonly Candidate[];
  /** those that no guard refuses */
  readonly kept: readonly Candidate[];
  readonly decision: Decision;
  /** an answer that was read with the candidates, and still holds: nothing has waited since */
  readonly atHand: StoredAnswer | undefined;
}

const noQuestion = 'no text';

/** Looks answers up. Never rejects, never writes. */
export class Finder {
  readonly #site: Site;
  readonly #looked: Gatherer<Looked, Look>;
  readonly #scanned: Gatherer<Search, Nearby>;
  readonly #single: SingleSearch;
  /** Always by the primary: what a replica proposes can be gone, and so can what a hook was asked about. */
  readonly #confirmed: Gatherer<Proposal, StoredAnswer | undefined>;

  constructor(site: Site) {
    const { db, settings, models, commonWords } = site;
    this.#site = site;
    this.#single = new SingleSearch(db.kind, commonWords);
    this.#looked = new Gatherer((all) => this.#sameWordsOf(all));
    this.#scanned = new Gatherer(async (searches) => {
      const modelId = await models.id();
      return scannedCandidates(db.reader(), searches, { modelId, now: settings.now() });
    });
    this.#confirmed = new Gatherer((proposals) => confirmed(db.primary, proposals, settings.now()));
  }

  /** First half: what is stored for the very same words. */
  async begin(question: Question, deadlineMs: number): Promise<Begun> {
    const { settings, counts, databaseRest } = this.#site;
    const deadline = performance.now() + deadlineMs;
    const begun = { question, deadline, sequence: undefined };
    counts.lookups += 1;
    try {
      const asked = askedOf(question, settings.maxTextBytes);
      if (asked === undefined) return { ...begun, found: this.#missed(undefined, noQuestion) };
      if (!databaseRest.admits()) return { ...begun, found: this.#missed(undefined, 'database at rest') };
      const look = await this.#asking(databaseRest, deadline, 'a lookup', this.#look(asked));
      const { stored, sequence, near } = look;
      const found = stored && this.#hit(asked, stored, { features: [] }, 1);
      if (found !== undefined) counts.sameWords += 1;
      return { ...begun, asked, sequence, found, near };
    } catch (error) {
      return { ...begun, found: this.#failed(error) };
    }
  }

  /** Second half: what is stored for other words of the same meaning. */
  async goOn({ asked, sequence, deadline, found, near }: Begun): Promise<Found<unknown>> {
    if (found !== undefined) return found;
    if (asked === undefined) return this.#missed(undefined, noQuestion);
    let verdict: Verdict | undefined;
    try {
      verdict = await this.#verdictOn(asked, deadline, near);
      if (verdict === undefined) return this.#missed({ sequence }, 'embedder at rest');
      const candidate = await this.#accepted(asked, verdict);
      const stored = candidate && (await this.#confirm(asked, candidate, verdict));
      const hit = candidate && stored && this.#hit(asked, stored, verdict.decision, candidate.similarity);
      return hit ?? this.#missed({ sequence, ...verdict }, verdict.decision.reason);
    } catch (error) {
      return this.#failed(error, { sequence, ...verdict });
    }
  }

  async #look(asked: Asked): Promise<Look> {
    const { db, nearIndexes } = this.#site;
    const vector = this.#atHand(asked);
    const isIndexed = vector !== undefined && (await nearIndexes.has(asked.space));
    const look = await (isIndexed ? this.#atOnce({ ...asked, vector }, true) : this.#looked.ask({ ...asked, vector }));
    if (!db.lags || look.stored === undefined) return look;
    return { ...look, stored: await this.#confirmed.ask({ asked, candidate: look.stored }) };
  }

  async #sameWordsOf(all: readonly Looked[]): Promise<readonly Look[]> {
    const { db, settings } = this.#site;
    const [first, ...others] = all;
    // One alone: else everybody would wait for the scans of all.
    if (first?.vector !== undefined && others.length === 0) {
      return [await this.#atOnce({ ...first, vector: first.vector }, false)];
    }
    return sameWordsOf(db.reader(), all, settings.now());
  }

  /** The question's vector, when it is here, and with it all that the second half of the lookup would have to wait for. */
  #atHand({ text, category }: Asked): Float32Array | undefined {
    const { lessons, vectors } = this.#site;
    return lessons.areRead(category) ? vectors.peek(text) : undefined;
  }

  async #atOnce(search: Asked & Search, isIndexed: boolean): Promise<AtOnce> {
    const { db, models, settings } = this.#site;
    const modelId = await models.id();
    return this.#single.sameWordsOrNear(db.reader(), search, { modelId, now: settings.now(), isIndexed });
  }

  async #verdictOn(asked: Asked, deadline: number, known: Nearby | undefined): Promise<Verdict | undefined> {
    const { settings, lessons } = this.#site;
    const near = known ?? (await this.#near(asked, deadline));
    if (near === undefined) return undefined;
    const model = await lessons.modelOf(asked.category);
    const candidates = await reranked(settings, asked.text, near.candidates, deadline);
    const { kept, veto } = withoutVetoed(this.#site, asked.text, candidates);
    const decision = model.decide({ text: asked.text, candidates: kept });
    if (decision.action !== 'serve' && veto !== undefined) this.#reviewVeto(asked, veto);
    const reason = kept.length === 0 && veto !== undefined ? `guard:${veto.guard}` : decision.reason;
    const waited = settings.rerank !== undefined || decision.action !== 'serve';
    const atHand = waited || this.#site.db.lags ? undefined : near.nearest;
    return { candidates, kept, decision: { ...decision, reason }, atHand };
  }

  /** undefined while the embedder rests */
  async #near(asked: Asked, deadline: number): Promise<Nearby | undefined> {
    const { databaseRest, embedderRest, lessons, vectors } = this.#site;
    if (!embedderRest.admits()) return undefined;
    const vector = await this.#asking(embedderRest, deadline, 'the embedder', vectors.of(asked.text));
    // Before the answers are read: nothing is to wait after that.
    await this.#asking(databaseRest, deadline, 'reading labels', lessons.modelOf(asked.category));
    return this.#asking(databaseRest, deadline, 'a lookup', this.#candidates({ ...asked, vector }));
  }

  async #candidates(search: Search): Promise<Nearby> {
    const { db, models, nearIndexes, settings } = this.#site;
    if (!(await nearIndexes.has(search.space))) return this.#scanned.ask(search);
    const modelId = await models.id();
    return this.#single.near(db.reader(), search, { modelId, now: settings.now(), isIndexed: true });
  }

  /** The candidate that may be served: the policy says so, or a judge in its place where it is not sure. */
  async #accepted(asked: Asked, { decision }: Verdict): Promise<Candidate | undefined> {
    const { action, candidate } = decision;
    if (candidate === undefined || action === 'ask') return undefined;
    if (action === 'serve') return candidate;
    return (await judged(this.#site, asked, decision, candidate)) ? candidate : undefined;
  }

  async #confirm(asked: Asked, candidate: Candidate, { atHand }: Verdict): Promise<StoredAnswer | undefined> {
    if (atHand?.promptId === candidate.promptId && atHand.answerId === candidate.answerId) return atHand;
    const { settings, databaseRest } = this.#site;
    const deadline = performance.now() + settings.deadlineMs;
    return this.#asking(databaseRest, deadline, 'a lookup', this.#confirmed.ask({ asked, candidate }));
  }

  /** Waits for something that can fail or hang, and keeps the next lookups away from it when it does. */
  async #asking<T>(rest: Rest, deadline: number, what: string, promise: Promise<T>): Promise<T> {
    try {
      const outcome = await within(promise, deadline - performance.now(), what);
      rest.succeeded();
      return outcome;
    } catch (error) {
      rest.failed();
      throw error;
    }
  }

  #hit(
    asked: Asked,
    stored: StoredAnswer,
    { features }: Pick<HitFacts, 'features'>,
    similarity: number,
  ): Found<unknown> {
    const { counts, journal } = this.#site;
    const { answerId, promptId, endsAt } = stored;
    const value = fromBytes(stored.value);
    const { scopeHash } = asked.space;
    const hitId = hitIdOf({ ...asked, answerId, promptId, scopeHash, similarity, features });
    counts.hits += 1;
    journal.hit(answerId);
    this.#sample(asked, { hitId, matched: stored.prompt, similarity });
    return {
      state: 'hit',
      value,
      hitId,
      answerTag: answerTagOf(answerId),
      similarity,
      matched: stored.prompt,
      expiresAt: String(endsAt) === forEver ? undefined : Number(endsAt),
      tags: stored.tags,
      cost: costOf(stored),
    };
  }

  #sample(asked: Asked, hit: { readonly hitId: string; readonly matched: string; readonly similarity: number }): void {
    const { settings, journal } = this.#site;
    // The same words need no second look by anybody.
    if (hit.matched === asked.text || settings.random() >= settings.reviewRate) return;
    journal.review({ ...hit, tenant: asked.space.tenant, asked: asked.text, why: 'sample', at: settings.now() });
  }

  #reviewVeto(asked: Asked, { candidate, guard }: { readonly candidate: Candidate; readonly guard: string }): void {
    const { settings, journal } = this.#site;
    const { text: matched, similarity, ...ids } = candidate;
    if (settings.random() >= settings.reviewRate) return;
    const hitId = hitIdOf({ ...asked, ...ids, scopeHash: asked.space.scopeHash, similarity, features: [] });
    const { tenant } = asked.space;
    journal.review({
      hitId,
      tenant,
      asked: asked.text,
      matched,
      similarity,
      why: `guard:${guard}`,
      at: settings.now(),
    });
  }

  #missed(
    known: ({ readonly sequence: number | undefined } & Partial<Verdict>) | undefined,
    reason: string,
  ): Found<unknown> {
    const { counts, settings, tickets } = this.#site;
    const { sequence, candidates = [], kept = [], decision } = known ?? { sequence: undefined };
    counts.miss(reason);
    const ticket = tickets.give({ at: settings.now(), sequence, candidates: kept, decision });
    const nearest = Math.max(...candidates.map(({ similarity }) => similarity));
    return { state: 'miss', ticket, ...(candidates.length > 0 && { nearest: { similarity: nearest, reason } }) };
  }

  #failed(error: unknown, known?: { readonly sequence: number | undefined } & Partial<Verdict>): Found<unknown> {
    report('find', 'ERR_PG_SEMANTIC_FIND', error);
    return this.#missed(known, 'failure');
  }
}

function costOf(stored: StoredAnswer): Extract<Found<unknown>, { state: 'hit' }>['cost'] {
  const { model, inputTokens, outputTokens, picoUsd, computeMs } = stored;
  const parts = {
    ...(model !== null && { model }),
    ...(inputTokens !== null && { inputTokens }),
    ...(outputTokens !== null && { outputTokens }),
    ...(picoUsd !== null && { picoUsd: BigInt(picoUsd) }),
    ...(computeMs !== null && { computeMs }),
  };
  return Object.keys(parts).length === 0 ? undefined : parts;
}
