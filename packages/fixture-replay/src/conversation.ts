import { canonicalJson } from '@agent-cache/core-key';
import type { WireFormatName } from '@agent-cache/wire-formats';
import { isObject, type JsonObject, listOf, objectOf, parseJson, textOf } from './json-value.ts';

/** A tool that a model asked for. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as it was sent */
  readonly input: string;
}

/** A place in a body. */
export type Path = readonly (string | number)[];

/** One turn of a conversation, whatever API it came over. */
export interface Turn {
  readonly role: 'system' | 'user' | 'model' | 'tool';
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** id of the call that a tool's turn answers */
  readonly answers?: string | undefined;
  /** where it stands in the body */
  readonly path: Path;
}

/** The turns of a request's body: instructions first, then the conversation. */
export function turnsOf(format: WireFormatName, body: unknown): Turn[] {
  const {
    system,
    instructions,
    systemInstruction,
    system_instruction: snake,
    messages,
    input,
    contents,
  } = objectOf(body);
  if (format === 'anthropic-messages') return [...setup(system, 'system'), ...below(messages, 'messages')];
  if (format === 'openai-responses') {
    const turns = typeof input === 'string' ? [userTurn(input, ['input'])] : below(input, 'input');
    return [...setup(instructions, 'instructions'), ...turns];
  }
  if (format === 'gemini-generate') {
    const given = systemInstruction ?? snake;
    const name = systemInstruction === undefined ? 'system_instruction' : 'systemInstruction';
    return [...setup(isObject(given) ? given.parts : given, name), ...below(contents, 'contents')];
  }
  return below(messages, 'messages');
}

/** The turns of an answer. */
export function answerTurns(format: WireFormatName, answer: unknown): Turn[] {
  const { choices, output, content, candidates } = objectOf(answer);
  if (format === 'openai-responses') return below(output, 'output');
  if (format === 'anthropic-messages') return turnsOfMessage({ role: 'assistant', content }, ['content']);
  const [list, name] = format === 'gemini-generate' ? [candidates, 'content'] : [choices, 'message'];
  return listOf(list).flatMap((item, index) => {
    const message = objectOf(objectOf(item)[name]);
    return turnsOfMessage({ role: 'assistant', ...message }, [name, index]);
  });
}

function below(list: unknown, name: string): Turn[] {
  return listOf(list).flatMap((item, index) => turnsOfMessage(objectOf(item), [name, index]));
}

function setup(content: unknown, name: string): Turn[] {
  const text = joined(content);
  return text === '' ? [] : [{ role: 'system', text, calls: [], path: [name] }];
}

function userTurn(text: string, path: Path): Turn {
  return { role: 'user', text, calls: [], path };
}

const roles: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'model',
  model: 'model',
  tool: 'tool',
  function: 'tool',
};

/** A message, or an item of the responses API. An Anthropic or Gemini message may be several turns: results of tools, and words. */
function turnsOfMessage(message: JsonObject, path: Path): Turn[] {
  const item = itemTurn(message, path);
  if (item) return item;
  const role = roles[textOf(message.role)] ?? 'user';
  const content = message.content ?? message.parts;
  const calls = [...chatCalls(message), ...listOf(content).flatMap(callOfPart)];
  if (role === 'tool') {
    return [{ role, text: joined(content), calls: [], answers: textOf(message.tool_call_id), path }];
  }
  const field = message.content === undefined ? 'parts' : 'content';
  const results = listOf(content).flatMap((part, index) => resultOfPart(part, [...path, field, index]));
  const text = joined(content);
  if (results.length > 0 && text === '') return results;
  return [...results, { role, text, calls, path }];
}

/** Items of the responses API that are no messages; what is unknown is shown by its type. */
function itemTurn(item: JsonObject, path: Path): Turn[] | undefined {
  const { type, name, arguments: input, call_id: id } = item;
  if (type === undefined || type === 'message' || item.role !== undefined) return undefined;
  if (type === 'function_call' || type === 'custom_tool_call') {
    const call = { id: textOf(id), name: textOf(name), input: textOf(input ?? item.input) };
    return [{ role: 'model', text: '', calls: [call], path }];
  }
  if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    return [{ role: 'tool', text: joined(item.output), calls: [], answers: textOf(id), path }];
  }
  return type === 'reasoning' ? [] : [{ role: 'model', text: `(${String(type)})`, calls: [], path }];
}

function chatCalls(message: JsonObject): ToolCall[] {
  return listOf(message.tool_calls).map((call) => {
    const { id, function: fn, custom } = objectOf(call);
    const { name, arguments: input, input: free } = objectOf(fn ?? custom);
    return { id: textOf(id), name: textOf(name), input: textOf(input ?? free) };
  });
}

function callOfPart(part: unknown): ToolCall[] {
  const { type, id, name, input, functionCall } = objectOf(part);
  if (type === 'tool_use') return [{ id: textOf(id), name: textOf(name), input: JSON.stringify(input ?? {}) }];
  if (!isObject(functionCall)) return [];
  const { id: callId, name: called, args } = functionCall;
  return [{ id: textOf(callId), name: textOf(called), input: JSON.stringify(args ?? {}) }];
}

function resultOfPart(part: unknown, path: Path): Turn[] {
  const { type, tool_use_id: id, content, functionResponse } = objectOf(part);
  if (type === 'tool_result') return [{ role: 'tool', text: joined(content), calls: [], answers: textOf(id), path }];
  if (!isObject(functionResponse)) return [];
  const text = JSON.stringify(functionResponse.response ?? {});
  return [{ role: 'tool', text, calls: [], answers: textOf(functionResponse.name), path }];
}

/** The words in a content: a text, or parts of which some have text. Media are named, thinking is left out. */
function joined(content: unknown): string {
  if (typeof content === 'string') return content;
  if (isObject(content)) return JSON.stringify(content);
  return listOf(content).map(textOfPart).join('');
}

const silent: ReadonlySet<unknown> = new Set(['tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'reasoning']);

function textOfPart(part: unknown): string {
  if (typeof part === 'string') return part;
  const { type, text, refusal, functionCall, functionResponse, thought } = objectOf(part);
  if (thought === true || functionCall !== undefined || functionResponse !== undefined || silent.has(type)) return '';
  return textOf(text) || textOf(refusal) || (type === 'text' ? '' : `(${textOf(type) || 'media'})`);
}

/** Says the same of two turns that are the same for a reader, however they are written down. */
export function turnIdentity({ role, text, calls }: Turn): string {
  return canonicalJson([role, text, calls.map(({ name, input }) => [name, parseJson(input) ?? input])]);
}

/** The tools that a body offers, by name. */
export function toolsOf(body: unknown): Map<string, unknown> {
  const tools = new Map<string, unknown>();
  for (const tool of listOf(objectOf(body).tools)) {
    const { function: fn, functionDeclarations, name, type } = objectOf(tool);
    for (const declared of listOf(functionDeclarations)) tools.set(textOf(objectOf(declared).name), declared);
    if (functionDeclarations === undefined) tools.set(textOf(objectOf(fn).name ?? name ?? type), tool);
  }
  return tools;
}
