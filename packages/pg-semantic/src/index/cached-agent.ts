import { canonicalJson, UncacheableValueError } from '@agent-cache/core-key';
import type { AnswerIndex, Question } from '@agent-cache/core-tier';

/** How `cachedAgent` asks and stores. */
export interface CachedAgentOptions<Rest extends readonly unknown[]> {
  readonly index: Pick<AnswerIndex, 'find' | 'learn'>;
  /**
   * Everything but the question and the tenant that changes the answer: agent, model, prompts, tools, locale. A text stands for all runs, and
   * the other arguments of the run become part of it; a function makes it of the other arguments, and says all there is to say about them.
   */
  readonly scope: string | ((...rest: Rest) => string);
  /** Whose answers these are; nobody else gets them. @default '' for all */
  readonly tenant?: string | ((...rest: Rest) => string) | undefined;
  /** Policies learn and limit errors per category. @default '' */
  readonly category?: string | undefined;
  /** How long a result may be given again, ms. @default as the index has it */
  readonly ttlMs?: number | undefined;
  /** What invalidates a result. @default none */
  readonly tags?: ((question: string, ...rest: Rest) => readonly string[]) | undefined;
  /** the clock @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Gives the stored result of a whole agent run when the question was asked before, in these or other words. Concurrent runs of the same question
 * become one; all its callers share the result. A run that fails is not stored. A result is JSON with Uint8Array at any depth; another kind is given
 * to the caller and not stored.
 *
 * Other arguments that have no JSON form (a signal, a callback) make a run uncached, unless `scope` is a function.
 */
export function cachedAgent<Rest extends readonly unknown[], Result>(
  run: (question: string, ...rest: Rest) => Promise<Result>,
  options: CachedAgentOptions<Rest>,
): (question: string, ...rest: Rest) => Promise<Result> {
  const { index, now = Date.now, ttlMs, tags } = options;
  const running = new Map<string, Promise<Result>>();

  const answered = async (question: Question, rest: Rest, settle: (result: Promise<Result>) => void): Promise<void> => {
    // An index that fails is a miss: the run is what the caller wants.
    const found = await index.find<Result>(question).catch(() => undefined);
    if (found?.state === 'hit') return settle(Promise.resolve(found.value));
    const createdAt = now();
    const result = run(question.text, ...rest);
    settle(result);
    const value = await result;
    const expiresAt = ttlMs === undefined ? undefined : createdAt + ttlMs;
    await index.learn(found?.ticket, question, { value, createdAt, expiresAt, tags: tags?.(question.text, ...rest) });
  };

  return (text, ...rest) => {
    const question = questionOf(text, rest, options);
    if (question === undefined) return run(text, ...rest);
    const key = JSON.stringify([question.tenant, question.scope, text]);
    const joined = running.get(key);
    if (joined !== undefined) return joined;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    running.set(key, promise);
    // Until the answer can be found: a caller in between would run it again.
    answered(question, rest, resolve)
      .catch(reject)
      .finally(() => running.delete(key));
    return promise;
  };
}

function questionOf<Rest extends readonly unknown[]>(
  text: string,
  rest: Rest,
  { scope, tenant = '', category }: CachedAgentOptions<Rest>,
): Question | undefined {
  const wholeScope = typeof scope === 'function' ? scope(...rest) : scopeWith(scope, rest);
  if (wholeScope === undefined) return undefined;
  return { text, category, scope: wholeScope, tenant: typeof tenant === 'function' ? tenant(...rest) : tenant };
}

function scopeWith(scope: string, rest: readonly unknown[]): string | undefined {
  if (rest.length === 0) return scope;
  try {
    return canonicalJson([scope, ...rest]);
  } catch (error) {
    if (UncacheableValueError.isInstance(error)) return undefined;
    throw error;
  }
}
