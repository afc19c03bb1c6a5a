import { type SharedStream, shareStream } from '@agent-cache/single-flight';
import type { JsonObject } from '@agent-cache/wire-formats';
import { type AnswerWatch, createAnswerWatch, type Judged } from './answer-watch.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Match } from './match.ts';
import { isStorable, isWanted, observeAnswer } from './owner-functions.ts';
import { priceAnswer } from './price-answer.ts';
import type { Priced } from './pricing.ts';
import { bytesOf } from './responses.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { reportTrouble } from './trouble.ts';
import { callUpstream, type UpstreamCall } from './upstream-call.ts';

/** What came before the body. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly streamed: boolean;
}

/** How an exchange began: with a response, or with what the upstream `fetch` threw. */
type Begun =
  | { readonly head: Head; readonly thrown?: undefined; readonly match?: Match | undefined }
  | { readonly head?: undefined; readonly thrown: unknown; readonly match?: undefined };

/** One upstream call, or what an answer index knows in its place, detached from whoever asked for it first, and followed by all who want its answer. */
export interface Exchange {
  /** who asked first */
  readonly call: Call;
  readonly begun: Promise<Begun>;
  /** A whole answer, stored or not, once its last byte that counts has come; undefined when there is none. */
  readonly answered: Promise<StoredAnswer | undefined>;
  /**
   * The body from its first byte on, or an error after `signal` aborts. The upstream call is given up when the last follower leaves.
   * @throws what `shareStream` throws when the beginning is gone, or the call was given up
   */
  follow(signal?: AbortSignal): ReadableStream<Uint8Array>;
}

/** Where the answer goes. One of them is called, once. */
export interface Keeper {
  keep(answer: StoredAnswer, priced: Priced, json: unknown): void;
  /** it was not asked for, but found by meaning */
  copy(match: Match): void;
  drop(): void;
}

export interface ExchangeOptions {
  readonly call: Call;
  /** replaces the request's body */
  readonly body?: JsonObject | undefined;
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
  readonly key?: string | undefined;
  readonly keeper: Keeper;
  /** the upstream call waits for it */
  readonly after?: Promise<void> | undefined;
  /** Waited for before upstream is called; an answer in it is given in place of the call. Never rejects. */
  readonly known?: Promise<Match | undefined> | undefined;
}

interface Source {
  readonly body: ReadableStream<Uint8Array>;
  readonly head: Head;
  readonly match?: Match | undefined;
}

/** Starts the upstream call. Follow it at once: it is read as fast as its followers read. */
export function startExchange(core: Core, options: ExchangeOptions): Exchange {
  return new UpstreamExchange(core, options);
}

class UpstreamExchange implements Exchange {
  readonly begun: Promise<Begun>;
  readonly #core: Core;
  readonly #options: ExchangeOptions;
  #upstream: UpstreamCall | undefined;
  readonly #shared: SharedStream;
  readonly #answered = Promise.withResolvers<StoredAnswer | undefined>();
  #watch: AnswerWatch | undefined;
  #head: Head | undefined;
  #isJudged = false;

  constructor(core: Core, options: ExchangeOptions) {
    this.#core = core;
    this.#options = options;
    const controller = new AbortController();
    const { known } = options;
    const begun = known === undefined ? this.#ask(controller.signal) : this.#askUnlessKnown(known, controller.signal);
    this.begun = begun.then(
      ({ head, match }) => ({ head, match }),
      (thrown: unknown) => ({ thrown }),
    );
    const body = begun.then((source) => source.body);
    this.#shared = shareStream(body, {
      maxBytes: core.settings.maxBodyBytes,
      onChunk: (chunk) => this.#guarded(() => this.#take(chunk)),
      onEnd: (how, error) => {
        if (how === 'abandoned') controller.abort(error);
        this.#guarded(() => this.#end(how));
      },
    });
  }

  get call(): Call {
    return this.#options.call;
  }

  get answered(): Promise<StoredAnswer | undefined> {
    return this.#answered.promise;
  }

  follow(signal?: AbortSignal): ReadableStream<Uint8Array> {
    return this.#shared.follow({ signal });
  }

  async #ask(signal: AbortSignal): Promise<Source> {
    this.#upstream = callUpstream(this.#core, this.#options, signal);
    const response = await this.#upstream.responding;
    const head = this.#begin(response);
    return { body: response.body ?? new Blob([]).stream(), head };
  }

  async #askUnlessKnown(known: Promise<Match | undefined>, signal: AbortSignal): Promise<Source> {
    const [match] = await Promise.all([known, this.#options.after]);
    signal.throwIfAborted();
    if (match === undefined) return this.#ask(signal);
    this.#isJudged = true;
    this.#answered.resolve(match.answer);
    this.#guarded(() => this.#options.keeper.copy(match));
    return { body: bytesOf(match.answer), head: match.head, match };
  }

  #begin(response: Response): Head {
    const head = headOf(response);
    this.#head = head;
    const { call, body } = this.#options;
    this.#guarded(() => {
      // A failure is everybody's who waits for it by now, and nobody's who comes later.
      if (!response.ok) this.#drop();
      else this.#watch = createAnswerWatch(call.format, head, () => body ?? call.body());
    });
    return head;
  }

  #take(chunk: Uint8Array): void {
    if (!this.#isJudged && this.#watch?.push(chunk) === true) this.#judge(this.#watch);
  }

  #end(how: 'done' | 'failed' | 'abandoned'): void {
    if (!this.#isJudged) {
      if (how === 'done' && this.#watch !== undefined) this.#judge(this.#watch);
      else this.#drop();
    }
    this.#tellUnanswered(how);
  }

  /** Everything that counts has passed. */
  #judge(watch: AnswerWatch): void {
    const whole = this.#shared.soFar();
    if (whole === undefined) {
      this.#reportTooLarge();
      this.#drop();
      return;
    }
    const judged = watch.judge(whole);
    if (judged.answer === undefined) {
      this.#drop();
      return;
    }
    this.#isJudged = true;
    this.#answered.resolve(judged.answer);
    const priced = this.#price(judged);
    if (priced instanceof Promise) this.#finishLater(judged, priced);
    else this.#finish(judged, priced);
  }

  #finishLater(judged: Judged, priced: Promise<Priced>): void {
    const { unpriced } = this.#core;
    const finished = priced
      .then((late) => this.#guarded(() => this.#finish(judged, late)))
      .finally(() => unpriced.delete(finished));
    unpriced.add(finished);
  }

  #drop(): void {
    this.#isJudged = true;
    this.#answered.resolve(undefined);
    this.#options.keeper.drop();
  }

  #price({ json }: Judged): Priced | Promise<Priced> {
    const { call, model: askedModel } = this.#options;
    return priceAnswer(this.#core, call, { json, askedModel, computeMs: this.#upstream?.durationMs() ?? 0 });
  }

  #finish({ answer, verdict, json }: Judged, priced: Priced): void {
    if (answer === undefined) return;
    const { call, keeper } = this.#options;
    const { model, computeMs = 0 } = priced.cost;
    const info = { model, usage: priced.usage, bytes: answer.body.byteLength, durationMs: computeMs };
    if (isStorable(this.#core, verdict) && isWanted(this.#core, call, info)) keeper.keep(answer, priced, json);
    else keeper.drop();
    const { streamed, status } = answer;
    this.#tell({ outcome: 'ok', status, streamed, priced });
    observeAnswer(this.#core, call, { ...info, cost: priced.cost, streamed });
  }

  #tell(how: Omit<Parameters<UpstreamCall['ended']>[0], 'model' | 'tenant' | 'key'>): void {
    const { model, tenant, key } = this.#options;
    this.#upstream?.ended({ ...how, model, tenant, key });
  }

  /** What was answered is told when it is priced. */
  #tellUnanswered(how: 'done' | 'failed' | 'abandoned'): void {
    void this.#answered.promise.then((answer) => {
      if (answer !== undefined) return;
      const outcome = how === 'abandoned' ? 'aborted' : 'failed';
      this.#tell({ outcome, status: this.#head?.status, streamed: this.#head?.streamed });
    });
  }

  /** What goes wrong in here must neither reach the bytes on their way nor leave anybody waiting. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (cause) {
      const message = 'An answer could not be looked at, so it was handed through and not stored.';
      reportTrouble('ERR_LLM_CACHE_FAILED', message, { operation: 'watch', key: this.#options.key, cause });
      this.#drop();
    }
  }

  #reportTooLarge(): void {
    const { maxBodyBytes } = this.#core.settings;
    const message = `An answer is larger than \`maxBodyBytes\` (${maxBodyBytes}); it was handed through and not stored.`;
    reportTrouble('ERR_LLM_CACHE_TOO_LARGE', message, { operation: 'store', key: this.#options.key });
  }
}

/** What a response says before its body. */
export function headOf({ status, statusText, headers, url }: Response): Head {
  const streamed = /^\s*text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  return { status, statusText, headers, url, streamed };
}
