import { readFileSync } from 'node:fs';
import { canonicalJson } from '@agent-cache/core-key';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { wireFormats } from './index.ts';
import { declaredFields } from './test-declared-fields.ts';
import {
  betaMessageFields,
  chatFields,
  embeddingFields,
  type Field,
  type Fields,
  generationFields,
  messageFields,
  responseFields,
} from './test-request-fields.ts';
import { minimalBody } from './test-requests.ts';
import type { WireFormatName, WireRequest } from './wire-format.ts';

/** The fields of one client method, as its declarations state them, and what we know about them. */
interface Method {
  readonly title: string;
  readonly format: WireFormatName;
  readonly declarations: string;
  readonly interfaceName: string;
  readonly fields: Fields;
  /** calls the real client with one field on top of the least it takes */
  call(fetch: typeof globalThis.fetch, more: object): PromiseLike<unknown>;
}

const key = { apiKey: 'k', maxRetries: 0 };
const params = (name: WireFormatName, more: object): never => ({ ...minimalBody(name), ...more }) as never;
const openai = (fetch: typeof globalThis.fetch): OpenAI => new OpenAI({ ...key, fetch });
const anthropic = (fetch: typeof globalThis.fetch): Anthropic => new Anthropic({ ...key, fetch });

const methods: readonly Method[] = [
  {
    title: 'openai chat.completions.create',
    format: 'openai-chat',
    declarations: 'openai/resources/chat/completions/completions.d.ts',
    interfaceName: 'ChatCompletionCreateParamsBase',
    fields: chatFields,
    call: (fetch, more) => openai(fetch).chat.completions.create(params('openai-chat', more)),
  },
  {
    title: 'openai responses.create',
    format: 'openai-responses',
    declarations: 'openai/resources/responses/responses.d.ts',
    interfaceName: 'ResponseCreateParamsBase',
    fields: responseFields,
    call: (fetch, more) => openai(fetch).responses.create(params('openai-responses', more)),
  },
  {
    title: 'openai embeddings.create',
    format: 'openai-embeddings',
    declarations: 'openai/resources/embeddings.d.ts',
    interfaceName: 'EmbeddingCreateParams',
    fields: embeddingFields,
    call: (fetch, more) => openai(fetch).embeddings.create(params('openai-embeddings', more)),
  },
  {
    title: 'anthropic messages.create',
    format: 'anthropic-messages',
    declarations: '@anthropic-ai/sdk/resources/messages/messages.d.ts',
    interfaceName: 'MessageCreateParamsBase',
    fields: messageFields,
    call: (fetch, more) => anthropic(fetch).messages.create(params('anthropic-messages', more)),
  },
  {
    title: 'anthropic beta.messages.create',
    format: 'anthropic-messages',
    declarations: '@anthropic-ai/sdk/resources/beta/messages/messages.d.ts',
    interfaceName: 'MessageCreateParamsBase',
    fields: betaMessageFields,
    call: (fetch, more) => anthropic(fetch).beta.messages.create(params('anthropic-messages', more)),
  },
  {
    title: 'gemini models.generateContent',
    format: 'gemini-generate',
    declarations: '@google/genai/dist/genai.d.ts',
    interfaceName: 'GenerateContentConfig',
    fields: generationFields,
    call: (fetch, config) => generate(fetch, config),
  },
];

/** Some settings exist on Google's one platform, some on its other. */
async function generate(fetch: typeof globalThis.fetch, config: object): Promise<unknown> {
  const request = { model: 'gemini-3-flash', contents: 'hi', config };
  const of = (enterprise: boolean): GoogleGenAI =>
    new GoogleGenAI({ apiKey: 'k', vertexai: enterprise, httpOptions: { fetch } } as never);
  try {
    return await of(false).models.generateContent(request);
  } catch {
    return await of(true).models.generateContent(request);
  }
}

function declarationsOf({ declarations }: Method): string {
  return readFileSync(new URL(`../node_modules/${declarations}`, import.meta.url), 'utf8');
}

/** What the client sends. */
async function sent(method: Method, more: object): Promise<WireRequest> {
  let request: WireRequest | undefined;
  const fetch = (url: unknown, init?: RequestInit): Promise<Response> => {
    request = {
      url: new URL(String(url instanceof Request ? url.url : url)),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    };
    return Promise.resolve(Response.json({ data: [], content: [], output: [], candidates: [] }));
  };
  await method.call(fetch as typeof globalThis.fetch, more);
  if (request === undefined) throw new Error(`${method.title} sent nothing`);
  return request;
}

function unclassified(declarations: string, { interfaceName, fields }: Method): readonly string[] {
  return declaredFields(declarations, interfaceName).filter((field) => !Object.hasOwn(fields, field));
}

function valuesOf(field: Field): readonly [fate: string, a: unknown, b: unknown] {
  return typeof field === 'string' ? [field, 'a', 'b'] : field;
}

describe.each(methods)('$title', (method) => {
  const format = wireFormats[method.format];
  const identityOf = (request: WireRequest): string => canonicalJson(format.identity(request));
  const inFate = (...fates: readonly string[]): string[] =>
    Object.keys(method.fields).filter((name) => fates.includes(valuesOf(method.fields[name]!)[0]));
  const pairOf = async (name: string): Promise<readonly [WireRequest, WireRequest, WireRequest]> => {
    const [, a, b] = valuesOf(method.fields[name]!);
    return [await sent(method, {}), await sent(method, { [name]: a }), await sent(method, { [name]: b })];
  };

  test('every field that the client declares is either in the key, denied with a reason, or bypassed', () => {
    expect(unclassified(declarationsOf(method), method)).toEqual([]);
  });

  test('a field added to the declarations is noticed', () => {
    const declarations = declarationsOf(method).replace(
      new RegExp(`(interface ${method.interfaceName} \\{)`),
      '$1\n    /** New. */\n    field_of_the_future?: { a: string; b: Array<() => void> } | null;\n',
    );
    expect(unclassified(declarations, method)).toEqual(['field_of_the_future']);
  });

  test('knows no field that the client does not declare', () => {
    const declared = declaredFields(declarationsOf(method), method.interfaceName);
    expect(Object.keys(method.fields).filter((name) => !declared.includes(name))).toEqual([]);
  });

  test.each(inFate('key'))('%s is in the key', async (name) => {
    const [without, a, b] = await pairOf(name);
    expect(new Set([without, a, b].map(identityOf)).size).toBe(3);
  });

  test.each(inFate('denied'))('%s is denied, with a reason', async (name) => {
    const [without, a, b] = await pairOf(name);
    expect(format.denied.get(name)).toBeDefined();
    expect(new Set([without, a, b].map(identityOf)).size).toBe(1);
  });

  test.each(inFate('client'))('%s stays in the client, or in headers that do not count', async (name) => {
    expect(new Set((await pairOf(name)).map(identityOf)).size).toBe(1);
  });

  test.each(inFate('bypass'))('%s makes the request uncacheable', async (name) => {
    const [without, a, b] = await pairOf(name);
    expect(format.bypass(without)).toBeUndefined();
    expect(format.bypass(a)).toBeTypeOf('string');
    expect(format.bypass(b)).toBeTypeOf('string');
  });
});
