import { canonicalJson } from '@agent-cache/core-key';
import { formatOf } from './answer.ts';
import { toolsOf, turnIdentity, turnsOf } from './conversation.ts';
import type { RecordedRequest } from './fixture-format.ts';
import { isObject, listOf, objectOf } from './json-value.ts';
import { type Difference, differences } from './value-diff.ts';
import { volatileKind } from './volatile.ts';

/** Why a request is not the recorded one: what changed, and so where to look. */
export type MissKind =
  | 'endpoint'
  | 'header'
  | 'model'
  | 'system'
  | 'tools'
  | 'order'
  | 'user'
  | 'attachment'
  | 'model-turn'
  | 'tool-result'
  | 'longer'
  | 'shorter'
  | 'sampling'
  | 'output-format'
  | 'tool-choice'
  | 'stream'
  | 'sdk-field'
  | 'form'
  | 'volatile';

/** One thing that changed, and the places where it did. */
export interface Change {
  readonly kind: MissKind;
  readonly difference: Difference;
  /** a normalizer of `volatile` would have made it no change */
  readonly volatile?: ReturnType<typeof volatileKind>;
}

/** What tells two requests apart, the likely cause before what follows from it. Empty for equal requests. */
export function changesBetween(before: RecordedRequest, after: RecordedRequest): Change[] {
  const changes = endpointChanges(before, after);
  if (!isObject(before.body) || !isObject(after.body)) return [...changes, ...formChanges(before, after)];
  changes.push(...orderChanges(before, after));
  const reordered = new Set(changes.map(({ difference }) => difference.path[0]));
  for (const difference of bodyDifferences(before.body, after.body)) {
    if (!reordered.has(difference.path[0])) changes.push(bodyChange(before, after, difference));
  }
  return changes.sort((left, right) => rankOf(left) - rankOf(right));
}

// A changed prompt changes what follows, so what stands first in the prompt is named first; settings do not change the prompt.
const ranks: readonly MissKind[] = ['endpoint', 'header', 'model', 'system', 'tools', 'order'];
const settings: readonly MissKind[] = ['sampling', 'output-format', 'tool-choice', 'stream', 'sdk-field'];

function rankOf({ kind, difference: { path } }: Change): number {
  const first = ranks.indexOf(kind);
  if (first >= 0) return first;
  const last = settings.indexOf(kind);
  // Turns of the conversation by their position.
  return last >= 0 ? 1_000_000 + last : ranks.length + (typeof path[1] === 'number' ? path[1] : 0);
}

function endpointChanges(before: RecordedRequest, after: RecordedRequest): Change[] {
  const changes: Change[] = [];
  const address = (request: RecordedRequest): string => `${request.method} ${request.url}`;
  if (address(before) !== address(after)) {
    const difference = { path: [], before: address(before), after: address(after) };
    const isModel = formatOf(before)?.name === 'gemini-generate' && formatOf(after)?.name === 'gemini-generate';
    changes.push({ kind: isModel ? 'model' : 'endpoint', difference });
  }
  for (const difference of differences(before.headers, after.headers)) changes.push({ kind: 'header', difference });
  return changes;
}

function formChanges(before: RecordedRequest, after: RecordedRequest): Change[] {
  const content = ({ body, text, parts, digest }: RecordedRequest): unknown => ({ body, text, parts, digest });
  return differences(content(before), content(after)).map((difference) => ({ kind: 'form', difference }));
}

/** Lists that hold the same elements in another order. */
function orderChanges(before: RecordedRequest, after: RecordedRequest): Change[] {
  const [left, right] = [objectOf(before.body), objectOf(after.body)];
  return Object.keys(left).flatMap((name): Change[] => {
    const [old, young] = [listOf(left[name]).map(canonicalJson), listOf(right[name]).map(canonicalJson)];
    if (old.length < 2 || old.join() === young.join() || old.toSorted().join() !== young.toSorted().join()) return [];
    const at = old.findIndex((element, index) => element !== young[index]);
    const difference = { path: [name, at], before: listOf(left[name])[at], after: listOf(right[name])[at] };
    return [{ kind: 'order', difference }];
  });
}

/** Tools are compared by name, for one more in front shall not look like a change of all behind it. */
function bodyDifferences(before: object, after: object): Difference[] {
  const { tools: _before, ...left } = before as Record<string, unknown>;
  const { tools: _after, ...right } = after as Record<string, unknown>;
  const [old, young] = [toolsOf(before), toolsOf(after)];
  const tools = [...new Set([...old.keys(), ...young.keys()])].flatMap((name) =>
    differences(old.get(name), young.get(name), ['tools', name]),
  );
  return [...tools, ...differences(left, right)];
}

const samplingFields: ReadonlySet<unknown> = new Set([
  ...['temperature', 'top_p', 'top_k', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'seed', 'stop', 'n'],
  ...['stop_sequences', 'frequency_penalty', 'presence_penalty', 'logit_bias', 'reasoning', 'reasoning_effort'],
  ...['thinking', 'verbosity', 'generationConfig'],
]);

const fieldKinds: Readonly<Record<string, MissKind>> = {
  model: 'model',
  system: 'system',
  instructions: 'system',
  systemInstruction: 'system',
  system_instruction: 'system',
  tools: 'tools',
  response_format: 'output-format',
  text: 'output-format',
  output_config: 'output-format',
  tool_choice: 'tool-choice',
  parallel_tool_calls: 'tool-choice',
  toolConfig: 'tool-choice',
  stream: 'stream',
  stream_options: 'stream',
};

const conversations: ReadonlySet<unknown> = new Set(['messages', 'input', 'contents']);

function bodyChange(before: RecordedRequest, after: RecordedRequest, difference: Difference): Change {
  const kind = kindOf(before, after, difference);
  const found = volatileKind(difference.before, difference.after);
  return { kind, difference, ...(found && { volatile: found }) };
}

function kindOf(before: RecordedRequest, after: RecordedRequest, difference: Difference): MissKind {
  const [field] = difference.path;
  if (conversations.has(field)) return turnKind(before, after, difference);
  if (field === 'generationConfig' && /schema|mime/i.test(String(difference.path[1]))) return 'output-format';
  if (samplingFields.has(field)) return 'sampling';
  return fieldKinds[String(field)] ?? 'sdk-field';
}

function turnKind(before: RecordedRequest, after: RecordedRequest, difference: Difference): MissKind {
  const name = formatOf(before)?.name;
  if (!name) return 'sdk-field';
  const { path } = difference;
  if (path.length <= 2) {
    if (difference.before === undefined) return 'longer';
    if (difference.after === undefined) return 'shorter';
  }
  const turn = turnAt(name, before, path) ?? turnAt(name, after, path);
  if (!turn) return 'sdk-field';
  if (turn.role === 'system') return 'system';
  if (turn.role === 'tool') return 'tool-result';
  if (turn.role === 'model') return 'model-turn';
  return changesWords(name, before, after, path) ? 'user' : 'attachment';
}

type Name = Parameters<typeof turnsOf>[0];

/** The turn that a place belongs to: the one whose path is the longest start of it. */
function turnAt(
  name: Name,
  request: RecordedRequest,
  path: Difference['path'],
): ReturnType<typeof turnsOf>[number] | undefined {
  return turnsOf(name, request.body)
    .filter((turn) => turn.path.every((step, index) => step === path[index]))
    .sort((left, right) => right.path.length - left.path.length)[0];
}

function changesWords(name: Name, before: RecordedRequest, after: RecordedRequest, path: Difference['path']): boolean {
  const [old, young] = [turnAt(name, before, path), turnAt(name, after, path)];
  return !old || !young || turnIdentity(old) !== turnIdentity(young);
}
