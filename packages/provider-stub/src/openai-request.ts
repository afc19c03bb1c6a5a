import { answerSeed, type PromptBlock, promptBlocks } from './prompt-blocks.ts';
import type { ApiName, Json, StubMessage, StubRequest, StubTool, StubToolCall } from './provider-api.ts';
import { asList, asNumber, asObject, asText, parsedObject, without } from './read-json.ts';

type Part = string | Json;

/** Content parts of a message: a string is one part. */
function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [content];
  return asList(content).map(asObject);
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : asText(part.text ?? part.refusal))).join('');
}

function toolOf(offered: unknown): StubTool {
  const tool = asObject(offered);
  const definition = tool.function ? asObject(tool.function) : tool;
  return {
    name: asText(definition.name) || asText(definition.type),
    description: asText(definition.description),
    schema: asObject(definition.parameters),
  };
}

function toolChoiceOf(choice: unknown): StubRequest['toolChoice'] {
  if (choice === 'none') return 'none';
  if (choice === 'required') return 'any';
  const name = asText(asObject(asObject(choice).function).name) || asText(asObject(choice).name);
  return name ? { name } : 'auto';
}

interface Conversation {
  readonly system: string;
  readonly messages: readonly StubMessage[];
  readonly blocks: readonly PromptBlock[];
}

const isSystem = (role: string): boolean => role === 'system' || role === 'developer';

function chatToolCalls(message: Json): readonly StubToolCall[] {
  return asList(message.tool_calls).map((call) => {
    const definition = asObject(asObject(call).function);
    return { name: asText(definition.name), arguments: parsedObject(asText(definition.arguments)) };
  });
}

function chatConversation(list: readonly Json[]): Conversation {
  const namesById = new Map<string, string>();
  const messages: StubMessage[] = [];
  const blocks: PromptBlock[] = [];
  const system: string[] = [];
  for (const message of list) {
    const role = asText(message.role);
    const parts = partsOf(message.content);
    const toolCalls = chatToolCalls(message);
    const calls = asList(message.tool_calls).map(asObject);
    for (const [index, call] of calls.entries()) namesById.set(asText(call.id), toolCalls[index]?.name ?? '');
    blocks.push(...promptBlocks(isSystem(role) ? 'system' : 'messages', role, [...parts, ...calls]));
    if (isSystem(role)) system.push(textOf(parts));
    else if (role === 'assistant') messages.push({ role, text: textOf(parts), toolCalls });
    else if (role !== 'tool') messages.push({ role: 'user', text: textOf(parts) });
    else messages.push({ role, text: textOf(parts), toolName: namesById.get(asText(message.tool_call_id)) ?? '' });
  }
  return { system: system.join('\n'), messages, blocks };
}

/** One item of a Responses input as a message; reasoning and other items are prompt, but no turn of anybody. */
function responsesMessage(item: Json, namesById: Map<string, string>): StubMessage | undefined {
  const type = asText(item.type) || 'message';
  if (type === 'function_call') {
    const call = { name: asText(item.name), arguments: parsedObject(asText(item.arguments)) };
    namesById.set(asText(item.call_id), call.name);
    return { role: 'assistant', text: '', toolCalls: [call] };
  }
  if (type === 'function_call_output') {
    const output = item.output;
    const text = typeof output === 'string' ? output : textOf(partsOf(output));
    return { role: 'tool', text, toolName: namesById.get(asText(item.call_id)) ?? '' };
  }
  if (type !== 'message') return undefined;
  return { role: item.role === 'assistant' ? 'assistant' : 'user', text: textOf(partsOf(item.content)) };
}

function responsesConversation(body: Json): Conversation {
  const namesById = new Map<string, string>();
  const messages: StubMessage[] = [];
  const instructions = asText(body.instructions);
  const system = instructions ? [instructions] : [];
  const blocks = promptBlocks('system', 'system', system);
  const input = body.input;
  const items: readonly Json[] =
    typeof input === 'string' ? [{ role: 'user', content: input }] : asList(input).map(asObject);
  for (const item of items) {
    const role = asText(item.role) || asText(item.type);
    const content = partsOf(item.content);
    blocks.push(...promptBlocks(isSystem(role) ? 'system' : 'messages', role, content.length > 0 ? content : [item]));
    const message = responsesMessage(item, namesById);
    if (isSystem(role)) system.push(textOf(content));
    else if (message) messages.push(message);
  }
  return { system: system.join('\n'), messages, blocks };
}

/** The JSON schema of structured output, in the words of Chat (`response_format`) or of Responses (`text.format`). */
function schemaOf(body: Json): Json | undefined {
  const chat = asObject(asObject(asObject(body.response_format).json_schema).schema);
  const format = asObject(asObject(body.text).format);
  const schema = format.type === 'json_schema' ? asObject(format.schema) : chat;
  return Object.keys(schema).length > 0 ? schema : undefined;
}

function requestOf(api: ApiName, body: Json, conversation: Conversation, inputs: readonly string[]): StubRequest {
  const model = asText(body.model);
  const tools = asList(body.tools).map(asObject);
  const prompt = [
    ...promptBlocks(
      'tools',
      'tools',
      tools.map((tool) => without(tool, 'text')),
    ),
    ...conversation.blocks,
  ];
  const limit = asNumber(body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens);
  const schema = schemaOf(body);
  return {
    provider: 'openai',
    api,
    model,
    stream: body.stream === true,
    system: conversation.system,
    messages: conversation.messages,
    tools: tools.map(toolOf),
    toolChoice: toolChoiceOf(body.tool_choice),
    ...(limit === undefined ? {} : { maxOutputTokens: limit }),
    thinking: body.reasoning_effort !== undefined || body.reasoning !== undefined,
    ...(schema ? { schema } : {}),
    inputs,
    prompt,
    seed: answerSeed(model, prompt, body),
    body,
  };
}

/** Reads a `POST /chat/completions` body. */
export function parseChat(body: Json): StubRequest {
  return requestOf('openai-chat', body, chatConversation(asList(body.messages).map(asObject)), []);
}

/** Reads a `POST /responses` body. */
export function parseResponses(body: Json): StubRequest {
  return requestOf('openai-responses', body, responsesConversation(body), []);
}

/** Reads a `POST /embeddings` body; lists of token ids are embedded as their text in JSON. */
export function parseEmbeddings(body: Json): StubRequest {
  const input = body.input;
  const isOne = typeof input === 'string' || typeof asList(input)[0] === 'number';
  const inputs = (isOne ? [input] : asList(input)).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const messages = inputs.map((text): StubMessage => ({ role: 'user', text }));
  const blocks = inputs.flatMap((text) => promptBlocks('messages', 'input', [text]));
  return requestOf('openai-embeddings', body, { system: '', messages, blocks }, inputs);
}
