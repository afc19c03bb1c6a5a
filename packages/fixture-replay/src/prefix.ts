import { canonicalJson } from '@agent-cache/core-key';
import { answerOf, formatOf, modelOf } from './answer.ts';
import { toolsOf, turnIdentity, turnsOf } from './conversation.ts';
import type { Exchange } from './fixture-format.ts';
import { isObject, objectOf } from './json-value.ts';

/** Where a step broke the prefix that the provider's prompt cache had for it. */
export interface BrokenPrefix {
  /** 1 for the first step */
  readonly step: number;
  /** the earlier step whose conversation it goes on with */
  readonly after: number;
  /** `the model`, `the tools`, `the system prompt`, `turn 3 (tool)` */
  readonly what: string;
}

/** What a prompt cache compares from the front, in the order in which providers put a prompt together. */
interface Prompt {
  readonly parts: readonly { readonly what: string; readonly text: string }[];
  readonly modelTurns: ReadonlySet<string>;
}

/**
 * Steps that do not merely append to the conversation they go on with. A provider's prompt cache serves the longest equal beginning of a
 * prompt, so a step that rewrites earlier context pays for all that follows anew. A step without a model's turn in it begins a
 * conversation of its own.
 */
export function brokenPrefixes(exchanges: readonly Exchange[]): BrokenPrefix[] {
  const prompts = exchanges.map(promptOf);
  return exchanges.flatMap((_, index) => {
    const prompt = prompts[index];
    if (!prompt || prompt.modelTurns.size === 0) return [];
    const base = baseOf(index, exchanges, prompts);
    const broken = base === undefined ? undefined : firstChange(prompts[base] as Prompt, prompt);
    return base === undefined || broken === undefined ? [] : [{ step: index + 1, after: base + 1, what: broken }];
  });
}

/** The last step whose answer a prompt holds; without one, the step before it. */
function baseOf(
  index: number,
  exchanges: readonly Exchange[],
  prompts: readonly (Prompt | undefined)[],
): number | undefined {
  const earlier = [...prompts.keys()].slice(0, index).filter((at) => prompts[at]);
  const { modelTurns } = prompts[index] as Prompt;
  const answered = earlier.findLast((at) =>
    answerOf(exchanges[at] as Exchange)?.turns.some((turn) => modelTurns.has(turnIdentity(turn))),
  );
  return answered ?? earlier.at(-1);
}

function firstChange(before: Prompt, after: Prompt): string | undefined {
  const at = before.parts.findIndex(({ text }, index) => text !== after.parts[index]?.text);
  return before.parts[at]?.what;
}

function promptOf({ request }: Exchange): Prompt | undefined {
  const format = formatOf(request);
  if (!format || format.name === 'openai-embeddings' || !isObject(request.body)) return undefined;
  // Without the fields that only mark the prompt for the cache.
  const body = objectOf(format.bodyIdentity(request.body));
  const turns = turnsOf(format.name, body);
  const parts = [
    { what: 'the model', text: modelOf(request) ?? '' },
    { what: 'the tools', text: canonicalJson([...toolsOf(body)]) },
    ...turns.map((turn, index) => ({
      what: turn.role === 'system' ? 'the system prompt' : `turn ${index + 1} (${turn.role})`,
      text: turnIdentity(turn),
    })),
  ];
  return { parts, modelTurns: new Set(turns.filter(({ role }) => role === 'model').map(turnIdentity)) };
}
