import { ProviderRequestError } from './errors.ts';
import { answerSeed, type PromptBlock, promptBlocks } from './prompt-blocks.ts';
import type { Json, StubMessage, StubRequest, StubTool, StubToolCall } from './provider-api.ts';
import { asList, asNumber, asObject, asText } from './read-json.ts';

function partsOf(content: unknown): readonly (string | Json)[] {
  if (typeof content === 'string') return [content];
  return asList(content).map(asObject);
}

function textOf(parts: readonly (string | Json)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : asText(part.text))).join('');
}

function toolOf(offered: Json): StubTool {
  return {
    name: asText(offered.name),
    description: asText(offered.description),
    schema: asObject(offered.input_schema),
  };
}

function toolChoiceOf(choice: Json): StubRequest['toolChoice'] {
  const type = asText(choice.type);
  if (type === 'tool') return { name: asText(choice.name) };
  return type === 'none' || type === 'any' ? type : 'auto';
}

/** The turns in one message: a user message may hold tool results beside text. */
function turnsOf(message: Json, namesById: Map<string, string>): StubMessage[] {
  const parts = partsOf(message.content);
  if (message.role === 'assistant') {
    const toolCalls: StubToolCall[] = [];
    for (const part of parts) {
      if (typeof part === 'string' || part.type !== 'tool_use') continue;
      namesById.set(asText(part.id), asText(part.name));
      toolCalls.push({ name: asText(part.name), arguments: asObject(part.input) });
    }
    return [{ role: 'assistant', text: textOf(parts), toolCalls }];
  }
  const results = parts.filter((part): part is Json => typeof part !== 'string' && part.type === 'tool_result');
  const turns = results.map((part): StubMessage => {
    const toolName = namesById.get(asText(part.tool_use_id)) ?? '';
    return { role: 'tool', text: textOf(partsOf(part.content)), toolName };
  });
  const text = textOf(parts);
  return text ? [...turns, { role: 'user', text }] : turns;
}

function promptOf(body: Json): PromptBlock[] {
  return [
    ...promptBlocks('tools', 'tools', asList(body.tools).map(asObject)),
    ...promptBlocks('system', 'system', partsOf(body.system ?? [])),
    ...asList(body.messages).flatMap((message) => {
      const { role, content } = asObject(message);
      return promptBlocks('messages', asText(role), partsOf(content));
    }),
  ];
}

function refuseInvalid(body: Json): void {
  const limit = asNumber(body.max_tokens);
  if (limit === undefined || limit < 0) throw new ProviderRequestError(400, 'max_tokens: Field required');
  if (asList(body.messages).length === 0) {
    throw new ProviderRequestError(400, 'messages: at least one message is required');
  }
  const conflict = limit === 0 ? conflictWithNoOutput(body) : undefined;
  if (conflict !== undefined) {
    throw new ProviderRequestError(400, `max_tokens: 0 cannot be combined with ${conflict}`);
  }
}

/** What a request that generates nothing must not ask for (platform.claude.com, "Prompt caching", pre-warming). */
function conflictWithNoOutput(body: Json): string | undefined {
  if (body.stream === true) return 'stream';
  if (asObject(body.thinking).type === 'enabled') return 'thinking.type: enabled';
  if (asObject(body.output_config).format) return 'output_config.format';
  return ['any', 'tool'].includes(asText(asObject(body.tool_choice).type)) ? 'a forced tool_choice' : undefined;
}

/** Reads a `POST /v1/messages` body. */
export function parseMessages(body: Json): StubRequest {
  refuseInvalid(body);
  const model = asText(body.model);
  const prompt = promptOf(body);
  const namesById = new Map<string, string>();
  const thinking = asText(asObject(body.thinking).type);
  const schema = asObject(asObject(asObject(body.output_config).format).schema);
  return {
    provider: 'anthropic',
    api: 'anthropic-messages',
    model,
    stream: body.stream === true,
    system: textOf(partsOf(body.system ?? [])),
    messages: asList(body.messages).flatMap((message) => turnsOf(asObject(message), namesById)),
    tools: asList(body.tools).map((tool) => toolOf(asObject(tool))),
    toolChoice: toolChoiceOf(asObject(body.tool_choice)),
    maxOutputTokens: asNumber(body.max_tokens) ?? 0,
    thinking: thinking === 'enabled' || thinking === 'adaptive',
    ...(Object.keys(schema).length > 0 ? { schema } : {}),
    inputs: [],
    prompt,
    seed: answerSeed(model, prompt, body),
    body,
  };
}
