import type { Fill } from '@agent-cache/core-tier';
import { type JsonObject, joinEmbeddingInputs, splitEmbeddingAnswer } from '@agent-cache/wire-formats';
import { isOk, type Outcome } from './answer-whole.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { drain } from './drain.ts';
import { type Exchange, type Head, type Keeper, startExchange } from './exchange.ts';
import { jsonBytes } from './json-bytes.ts';
import { commit } from './keep.ts';
import { whenJoined } from './open-key.ts';
import type { Plan } from './plan.ts';
import { priceAnswer } from './price-answer.ts';
import { liveResponse } from './responses.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The answer for one input. */
export interface InputAnswer {
  readonly answer: StoredAnswer;
  readonly json: JsonObject;
}

/** One answer per input; none when the provider did not answer each. */
export function splitAnswer(json: unknown, whole: StoredAnswer, body: JsonObject): readonly InputAnswer[] {
  const parts = splitEmbeddingAnswer(json, body) ?? [];
  return parts.map((part) => ({ answer: { ...whole, body: jsonBytes(part) }, json: part }));
}

/** One upstream call for all inputs that nobody has. */
export interface Batch {
  /** known once it has arrived */
  head(): Head | undefined;
  /** Puts the inputs' answers into `answers`, or says why there are none. */
  arrived(answers: Map<string, StoredAnswer>): Promise<Outcome | undefined>;
}

export function startBatch(
  core: Core,
  call: Call,
  plan: Plan,
  fills: ReadonlyMap<string, Fill<StoredAnswer>>,
  onStart: (exchange: Exchange) => void,
): Batch {
  const isAll = fills.size === plan.keys.length;
  const body = joinEmbeddingInputs([...fills.keys()].map((key) => plan.parts?.[plan.keys.indexOf(key)] ?? {}));
  const inputs = Promise.withResolvers<readonly InputAnswer[]>();
  const keeper = keepInputs(core, call, plan, fills, body, inputs.resolve);
  const { model, tenant } = plan;
  const exchange = startExchange(core, {
    call,
    body: isAll ? undefined : body,
    model,
    tenant,
    keeper,
    after: whenJoined(),
  });
  onStart(exchange);
  const raw = exchange.follow(call.signal);
  drain(exchange.follow(call.signal));
  let head: Head | undefined;
  return {
    head: () => head,
    async arrived(answers) {
      const begun = await unlessAborted(exchange.begun, call.signal);
      head = begun.head;
      if (head === undefined) return { thrown: begun.thrown };
      if (!isOk(head)) return liveResponse(head, raw, { label: 'miss' });
      const split = await unlessAborted(inputs.promise, call.signal);
      if (split.length === 0 && isAll) return liveResponse(head, raw, { label: 'miss' });
      void raw.cancel();
      for (const [index, key] of [...fills.keys()].entries()) {
        const input = split[index];
        if (input === undefined) return 'unanswered';
        answers.set(key, input.answer);
      }
      return undefined;
    },
  };
}

/** Commits the answer input by input, and hands the parts to those who wait for them. */
function keepInputs(
  core: Core,
  call: Call,
  plan: Plan,
  fills: ReadonlyMap<string, Fill<StoredAnswer>>,
  body: JsonObject,
  onSplit: (inputs: readonly InputAnswer[]) => void,
): Keeper {
  const drop = (): void => {
    for (const fill of fills.values()) fill.abandon();
    onSplit([]);
  };
  return {
    drop,
    // The index answers questions, and this is none.
    copy: drop,
    keep(whole, { cost }, json) {
      const inputs = splitAnswer(json, whole, body);
      if (inputs.length !== fills.size) return drop();
      onSplit(inputs);
      for (const [index, fill] of [...fills.values()].entries()) {
        void keepInput(core, call, plan, fill, inputs[index] as InputAnswer, cost.computeMs ?? 0);
      }
    },
  };
}

async function keepInput(
  core: Core,
  call: Call,
  plan: Plan,
  fill: Fill<StoredAnswer>,
  { answer, json }: InputAnswer,
  computeMs: number,
): Promise<void> {
  const priced = priceAnswer(core, call, { json, askedModel: plan.model, computeMs });
  await commit(core, fill, plan, answer, priced instanceof Promise ? await priced : priced);
}
