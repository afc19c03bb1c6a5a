import { type AnswerIndex, type Found, type Question, questionTag } from '../answers.ts';
import type { Entry } from '../entry.ts';
import type { MaybePromise } from '../tier.ts';
import { type TestClock, type TestRunner, testClock } from './runner.ts';

/** What `answerIndexConformance` tests. */
export interface AnswerIndexSubject {
  /** title of the suite */
  readonly name: string;
  /**
   * A new, empty index that tells the time by `clock.now` and, as configured, answers a question asked again in the same words: what a policy
   * does with near questions is its own business and its own tests'.
   */
  readonly create: (clock: TestClock) => MaybePromise<AnswerIndex>;
}

interface Context {
  readonly index: AnswerIndex;
  readonly clock: TestClock;
}

type IndexTest = (title: string, body: (context: Context) => Promise<void>) => void;
type Answered = Extract<Found<unknown>, { state: 'hit' }>;

/** Declares the tests that every `AnswerIndex` passes, whatever its embedder and policy. */
export function answerIndexConformance(runner: TestRunner, subject: AnswerIndexSubject): void {
  const test: IndexTest = (title, body) => {
    runner.test(title, async () => {
      const clock = testClock();
      const index = await subject.create(clock);
      try {
        await body({ index, clock });
      } finally {
        await index.close?.();
      }
    });
  };
  runner.describe(`${subject.name} is an answer index`, () => {
    learningTests(runner, test);
    partitionTests(runner, test);
    lifeTests(runner, test);
    forgettingTests(runner, test);
  });
}

function question(text: string, more: Partial<Question> = {}): Question {
  return { scope: 'gpt/en', tenant: 'acme', text, ...more };
}

const capital = question('What is the capital of France?');
const recipe = question('How long do I boil an egg until it is soft?');

function entryOf(clock: TestClock, value: unknown, more: Partial<Entry> = {}): Entry {
  return { value, createdAt: clock.now(), expiresAt: clock.now() + 60_000, ...more };
}

async function learn({ index, clock }: Context, asked: Question, value: unknown, more?: Partial<Entry>): Promise<void> {
  await index.learn(await ticketOf(index, asked), asked, entryOf(clock, value, more));
}

async function ticketOf(index: AnswerIndex, asked: Question): Promise<string> {
  const found = await index.find(asked);
  if (found.state !== 'miss') throw new Error(`"${asked.text}" should have been a miss`);
  return found.ticket;
}

async function hitOf(index: AnswerIndex, asked: Question): Promise<Answered> {
  const found = await index.find(asked);
  if (found.state !== 'hit') throw new Error(`"${asked.text}" should have been a hit`);
  return found;
}

function learningTests({ expect }: TestRunner, test: IndexTest): void {
  test('find() in an empty index is a miss with a ticket', async ({ index }) => {
    expect((await ticketOf(index, capital)).length > 0).toBe(true);
  });

  test('a question that was learned is a hit, with its answer and the question it matched', async (context) => {
    const value = { text: 'Paris', body: new Uint8Array([1, 2]), parts: [null, 'naïve 🧪'] };
    await learn(context, capital, value);
    const hit = await hitOf(context.index, capital);
    expect(hit.value).toEqual(value);
    expect(hit.matched).toBe(capital.text);
    expect(hit.similarity > 0.99 && hit.similarity <= 1.000_001).toBe(true);
    expect(hit.hitId.length > 0 && hit.answerTag.length > 0).toBe(true);
  });

  test('a hit says how long its answer lives, what it is tagged with and what it saves', async (context) => {
    const expiresAt = context.clock.now() + 5_000;
    const cost = { model: 'm', inputTokens: 3, outputTokens: 4, picoUsd: 12_345_678_901_234_567_890n };
    await learn(context, capital, 'Paris', { expiresAt, tags: ['towns', '@model:m'], cost });
    const hit = await hitOf(context.index, capital);
    expect(hit.expiresAt).toBe(expiresAt);
    expect([...(hit.tags ?? [])].sort()).toEqual(['@model:m', 'towns']);
    expect(hit.cost?.picoUsd).toBe(cost.picoUsd);
    expect(hit.cost?.model).toBe('m');
  });

  test('learn() without a ticket replaces what was known for the same words', async (context) => {
    await learn(context, capital, 'Lyon');
    await context.index.learn(undefined, capital, entryOf(context.clock, 'Paris'));
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
  });

  test('an unrelated question stays a miss', async (context) => {
    await learn(context, capital, 'Paris');
    expect((await context.index.find(recipe)).state).toBe('miss');
  });

  test('every hit has an id of its own, and every answer one tag', async (context) => {
    await learn(context, capital, 'Paris');
    await learn(context, recipe, 'Six minutes');
    const first = await hitOf(context.index, capital);
    const second = await hitOf(context.index, capital);
    const other = await hitOf(context.index, recipe);
    expect(first.hitId === second.hitId).toBe(false);
    expect(first.answerTag).toBe(second.answerTag);
    expect(first.answerTag === other.answerTag).toBe(false);
  });

  test('findMany() answers in the order and number of the questions', async (context) => {
    await learn(context, capital, 'Paris');
    const found = await context.index.findMany([recipe, capital, recipe, capital]);
    expect(found.map((each) => each.state)).toEqual(['miss', 'hit', 'miss', 'hit']);
    expect(found.map((each) => (each.state === 'hit' ? each.value : undefined))[3]).toBe('Paris');
    expect(await context.index.findMany([])).toEqual([]);
  });
}

function partitionTests({ expect }: TestRunner, test: IndexTest): void {
  test('the same words in another scope are a miss', async (context) => {
    await learn(context, capital, 'Paris');
    expect((await context.index.find({ ...capital, scope: 'claude/en' })).state).toBe('miss');
    expect((await context.index.find({ ...capital, scope: 'gpt/e' })).state).toBe('miss');
  });

  test('the same words of another tenant are a miss', async (context) => {
    await learn(context, capital, 'Paris');
    for (const tenant of ['acm', 'acme2', 'ACME', '', 'acme%', 'gpt/en']) {
      expect((await context.index.find({ ...capital, tenant })).state, tenant).toBe('miss');
    }
  });

  test('each tenant and scope has its own answer', async (context) => {
    const others = [capital, { ...capital, tenant: 'umbrella' }, { ...capital, scope: 'claude/en' }];
    for (const [number, each] of others.entries()) await learn(context, each, number);
    for (const [number, each] of others.entries()) expect((await hitOf(context.index, each)).value).toBe(number);
  });
}

function lifeTests({ expect }: TestRunner, test: IndexTest): void {
  test('an answer is not given from its end on', async (context) => {
    await learn(context, capital, 'Paris', { expiresAt: context.clock.now() + 1_000 });
    context.clock.advance(999);
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
    context.clock.advance(1);
    expect((await context.index.find(capital)).state).toBe('miss');
  });

  test('an answer without an end stays', async (context) => {
    await learn(context, capital, 'Paris', { expiresAt: undefined });
    context.clock.advance(365 * 86_400_000);
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
  });

  test('close() can be called twice', async ({ index }) => {
    await index.close?.();
    await index.close?.();
  });
}

function forgettingTests({ expect }: TestRunner, test: IndexTest): void {
  test('an answer that was called wrong is not given again', async (context) => {
    await learn(context, capital, 'Lyon');
    await learn(context, recipe, 'Six minutes');
    const { hitId, answerTag } = await hitOf(context.index, capital);
    expect(await context.index.feedback(hitId, 'wrong')).toBe(answerTag);
    expect((await context.index.find(capital)).state).toBe('miss');
    expect((await hitOf(context.index, recipe)).value).toBe('Six minutes');
  });

  test('an answer that was called right is given again', async (context) => {
    await learn(context, capital, 'Paris');
    await context.index.feedback((await hitOf(context.index, capital)).hitId, 'right');
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
  });

  test('feedback() on a hit nobody knows says so and changes nothing', async (context) => {
    await learn(context, capital, 'Paris');
    for (const hitId of ['no-such-hit', '', '4711', "'; --"]) {
      expect(await context.index.feedback(hitId, 'wrong'), hitId).toBe(undefined);
    }
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
  });

  test('invalidate() forgets the answers that carry one of the tags, of every tenant and scope', async (context) => {
    const others = [
      { ...capital, tenant: 'umbrella' },
      { ...capital, scope: 'claude/en' },
    ];
    for (const each of [capital, ...others]) await learn(context, each, 'Paris', { tags: ['towns', 'france'] });
    await learn(context, recipe, 'Six minutes', { tags: ['kitchen', 'town'] });
    await context.index.invalidate({ tags: ['nothing', 'towns'] });
    for (const each of [capital, ...others]) expect((await context.index.find(each)).state).toBe('miss');
    expect((await hitOf(context.index, recipe)).value).toBe('Six minutes');
  });

  test('an answer whose tag was invalidated since its ticket was given is not learned, one asked later is', async (context) => {
    const { index, clock } = context;
    const early = await ticketOf(index, capital);
    await index.invalidate({ tags: ['towns'] });
    await index.learn(early, capital, entryOf(clock, 'Bonn', { tags: ['towns'] }));
    expect((await index.find(capital)).state).toBe('miss');
    await index.learn(await ticketOf(index, capital), capital, entryOf(clock, 'Paris', { tags: ['towns'] }));
    expect((await hitOf(index, capital)).value).toBe('Paris');
  });

  test('deleteSimilar() removes what is near enough and names the tags of its answers and wordings', async (context) => {
    await learn(context, capital, 'Paris');
    await learn(context, recipe, 'Six minutes');
    const { answerTag } = await hitOf(context.index, capital);
    const deleted = await context.index.deleteSimilar(capital.text, { tenant: 'acme', atLeast: 0.999 });
    expect([...deleted].sort()).toEqual([answerTag, questionTag(capital)].sort());
    expect((await context.index.find(capital)).state).toBe('miss');
    expect((await hitOf(context.index, recipe)).value).toBe('Six minutes');
  });

  test('deleteSimilar() with dryRun names the same tags and removes nothing', async (context) => {
    await learn(context, capital, 'Paris');
    const { answerTag } = await hitOf(context.index, capital);
    const options = { tenant: 'acme', atLeast: 0.999, dryRun: true };
    const named = await context.index.deleteSimilar(capital.text, options);
    expect([...named].sort()).toEqual([answerTag, questionTag(capital)].sort());
    expect((await hitOf(context.index, capital)).value).toBe('Paris');
  });

  test('deleteSimilar() stays within the tenant, and within the scope when one is given', async (context) => {
    const elsewhere = { ...capital, scope: 'claude/en' };
    const foreign = { ...capital, tenant: 'umbrella' };
    for (const each of [capital, elsewhere, foreign]) await learn(context, each, 'Paris');
    const remove = async (scope?: string): Promise<void> => {
      await context.index.deleteSimilar(capital.text, { tenant: 'acme', atLeast: 0.999, ...(scope && { scope }) });
    };
    await remove('gpt/en');
    expect((await context.index.find(capital)).state).toBe('miss');
    expect((await hitOf(context.index, elsewhere)).value).toBe('Paris');
    await remove();
    expect((await context.index.find(elsewhere)).state).toBe('miss');
    expect((await hitOf(context.index, foreign)).value).toBe('Paris');
  });

  test('reviews() gives at most as many as asked for', async ({ index }) => {
    expect(Array.isArray(await index.reviews())).toBe(true);
    expect((await index.reviews({ limit: 1 })).length <= 1).toBe(true);
  });
}
