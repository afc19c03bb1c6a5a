import { answerSeed, promptBlocks } from './prompt-blocks.ts';
import type { Json, StubMessage, StubRequest, StubTool, StubToolCall } from './provider-api.ts';
import { asList, asNumber, asObject, asText } from './read-json.ts';

/** The model and the verb of a path such as `/v1beta/models/gemini-2.5-pro:generateContent`. */
export const GEMINI_PATH: RegExp = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

function partsOf(content: unknown): readonly Json[] {
  if (typeof content === 'string') return [{ text: content }];
  return asList(asObject(content).parts).map(asObject);
}

function textOf(parts: readonly Json[]): string {
  return parts
    .filter((part) => part.thought !== true)
    .map((part) => asText(part.text))
    .join('');
}

function toolOf(declaration: Json): StubTool {
  return {
    name: asText(declaration.name),
    description: asText(declaration.description),
    schema: asObject(declaration.parametersJsonSchema ?? declaration.parameters),
  };
}

function resultText(response: Json): string {
  const only = response.output ?? response.result;
  return typeof only === 'string' ? only : JSON.stringify(response);
}

function turnsOf(content: Json): StubMessage[] {
  const parts = partsOf(content);
  const text = textOf(parts);
  if (content.role === 'model') {
    const toolCalls = parts
      .filter((part) => part.functionCall)
      .map((part): StubToolCall => {
        const call = asObject(part.functionCall);
        return { name: asText(call.name), arguments: asObject(call.args) };
      });
    return [{ role: 'assistant', text, toolCalls }];
  }
  const turns = parts
    .filter((part) => part.functionResponse)
    .map((part): StubMessage => {
      const result = asObject(part.functionResponse);
      return { role: 'tool', text: resultText(asObject(result.response)), toolName: asText(result.name) };
    });
  return text ? [...turns, { role: 'user', text }] : turns;
}

function toolChoiceOf(config: Json): StubRequest['toolChoice'] {
  const mode = asText(config.mode).toUpperCase();
  const [only, ...others] = asList(config.allowedFunctionNames);
  if (mode === 'NONE') return 'none';
  if (mode !== 'ANY') return 'auto';
  return typeof only === 'string' && others.length === 0 ? { name: only } : 'any';
}

/** Parts without the ids that differ from call to call. */
function promptPart(part: Json): Json {
  if (part.functionCall) {
    const { name, args } = asObject(part.functionCall);
    return { functionCall: { name, args } };
  }
  if (part.functionResponse) {
    const { name, response } = asObject(part.functionResponse);
    return { functionResponse: { name, response } };
  }
  return part;
}

/** Reads the body of `generateContent` or `streamGenerateContent`; the path names the model. */
export function parseGemini(body: Json, path: string): StubRequest {
  const [, model = '', verb] = GEMINI_PATH.exec(path) ?? [];
  const contents = asList(body.contents).map(asObject);
  const config = asObject(body.generationConfig);
  const declarations = asList(body.tools).flatMap((tool) => asList(asObject(tool).functionDeclarations).map(asObject));
  const system = partsOf(body.systemInstruction);
  const prompt = [
    ...promptBlocks('tools', 'tools', declarations),
    ...promptBlocks('system', 'system', system),
    ...contents.flatMap((content) => promptBlocks('messages', asText(content.role), partsOf(content).map(promptPart))),
  ];
  const limit = asNumber(config.maxOutputTokens);
  const schema = asObject(config.responseJsonSchema ?? config.responseSchema);
  return {
    provider: 'gemini',
    api: 'gemini-generate',
    model,
    stream: verb === 'streamGenerateContent',
    system: textOf(system),
    messages: contents.flatMap(turnsOf),
    tools: declarations.map(toolOf),
    toolChoice: toolChoiceOf(asObject(asObject(body.toolConfig).functionCallingConfig)),
    ...(limit === undefined ? {} : { maxOutputTokens: limit }),
    thinking: asObject(config.thinkingConfig).includeThoughts === true,
    ...(Object.keys(schema).length > 0 ? { schema } : {}),
    inputs: [],
    prompt,
    seed: answerSeed(model, prompt, body),
    body,
  };
}
