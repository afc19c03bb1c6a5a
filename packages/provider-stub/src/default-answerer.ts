import type { Answerer, Json, StubAnswer, StubMessage, StubRequest, StubTool } from './provider-api.ts';
import { exampleOf } from './schema-example.ts';

const QUOTED_CHARACTERS = 400;

const OPENINGS = [
  'Thanks for reaching out!',
  'Happy to help with that.',
  'Good question – let me walk you through it.',
  'I looked into this for you.',
  'Here is what you need to know.',
];
const ADVICE = [
  'Open “Settings → Account” and check the option that belongs to your request; changes take effect at once.',
  'In most cases this is done within two working days, and you get a confirmation by e-mail as soon as it is.',
  'You can do this yourself in the app, or I can start it for you; either way nothing is charged before you confirm.',
  'If you do not see the option yet, sign out and in again, since some changes reach the app a little later.',
  'Please keep your reference at hand, so that a colleague can pick this up without asking you everything again.',
  'There is no fee for this, and what you set up before stays exactly as it is.',
  'Should the amount differ from what you expected, the fee table in the help centre lists every case.',
];
const CLOSINGS = [
  'Is there anything else I can do? 😊',
  'Glad to help – schönen Tag noch! 👋',
  'Let me know how it goes. ✅',
];

/** A number drawn from the seed: the n-th byte pair. */
function draw(seed: string, turn: number, choices: number): number {
  return Number.parseInt(seed.slice(turn * 4, turn * 4 + 4), 16) % choices;
}

function pick(list: readonly string[], seed: string, turn: number): string {
  return list[draw(seed, turn, list.length)] ?? '';
}

function lastOf(messages: readonly StubMessage[], role: StubMessage['role']): number {
  return messages.findLastIndex((message) => message.role === role);
}

function wordsOf(text: string): Set<string> {
  const words =
    text
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/\p{L}{3,}/gu) ?? [];
  return new Set(words.map((word) => word.replace(/(ing|ed|es|s)$/, '')));
}

/** The tool that shares most words with the question; the first one when none does. */
function fittingTool(tools: readonly StubTool[], question: string): StubTool | undefined {
  const asked = wordsOf(question);
  const fit = (tool: StubTool): number => {
    const words = wordsOf(`${tool.name.replaceAll(/[_-]/g, ' ')} ${tool.description}`);
    return [...words].filter((word) => asked.has(word)).length;
  };
  return tools.reduce<StubTool | undefined>((best, tool) => (best && fit(best) >= fit(tool) ? best : tool), undefined);
}

function chosenTool(request: StubRequest, question: string): StubTool | undefined {
  const { toolChoice, tools } = request;
  if (toolChoice === 'none') return undefined;
  if (typeof toolChoice === 'object') return tools.find((tool) => tool.name === toolChoice.name);
  const answered = lastOf(request.messages, 'tool') > lastOf(request.messages, 'user');
  return answered ? undefined : fittingTool(tools, question);
}

function proseAnswer(request: StubRequest, question: string): string {
  const { seed, messages } = request;
  const result = messages[lastOf(messages, 'tool')];
  const isFresh = lastOf(messages, 'tool') > lastOf(messages, 'user');
  const reference = `Ref. ${seed.slice(-8).toUpperCase()}.`;
  if (result && isFresh) {
    const quoted = result.text.slice(0, QUOTED_CHARACTERS);
    const source = result.toolName ? `According to ${result.toolName}` : 'According to what I found';
    return `${pick(OPENINGS, seed, 0)} ${source}: “${quoted}” ${pick(CLOSINGS, seed, 1)} ${reference}`;
  }
  const sentences = Array.from(
    { length: 2 + draw(seed, 2, 4) },
    (_, index) => ADVICE[(draw(seed, 3, ADVICE.length) + index * 2) % ADVICE.length],
  );
  const topic = question ? `You asked: “${question.slice(0, 80)}”.` : '';
  return [pick(OPENINGS, seed, 0), topic, ...sentences, pick(CLOSINGS, seed, 1), reference].filter(Boolean).join(' ');
}

function structured(schema: Json, request: StubRequest, question: string): string {
  const reference = request.seed.slice(-8).toUpperCase();
  return JSON.stringify(exampleOf(schema, `${question} (ref. ${reference})`.trim()));
}

/**
 * Answers as a support agent would: calls the most fitting tool first when tools are offered, then answers in a few
 * sentences that quote the tool's result. Nothing but the request decides the words, so an equal request gets an equal
 * answer and a different one a different answer.
 */
export const supportAgent: Answerer = (request): StubAnswer => {
  const question = request.messages[lastOf(request.messages, 'user')]?.text ?? '';
  const thinking = request.thinking
    ? { thinking: `The customer asks about “${question.slice(0, 60)}”. ${pick(ADVICE, request.seed, 5)}` }
    : {};
  const tool = chosenTool(request, question);
  if (tool) return { ...thinking, toolCalls: [{ name: tool.name, arguments: asArguments(tool.schema, question) }] };
  const text = request.schema ? structured(request.schema, request, question) : proseAnswer(request, question);
  return { ...thinking, text };
};

function asArguments(schema: Json, question: string): Json {
  const example = exampleOf({ type: 'object', ...schema }, question);
  return typeof example === 'object' && example !== null ? (example as Json) : {};
}

/** Dimensions of a vector when a request names none; small, since nobody reads them. */
const DEFAULT_DIMENSIONS = 256;

/** A unit vector that shares direction with the vectors of texts that share words, as real embeddings do. */
export function embeddingOf(text: string, model: string, dimensions: number = DEFAULT_DIMENSIONS): number[] {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const word of [...words, `${model}/${text}`]) {
    let state = 2_166_136_261;
    for (const character of word) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
    for (let index = 0; index < dimensions; index += 1) {
      state = Math.imul(state ^ (state >>> 15), 2_246_822_519) >>> 0;
      state = (state + 0x9e3779b9) >>> 0;
      vector[index] = (vector[index] ?? 0) + (state / 0xffffffff - 0.5);
    }
  }
  const length = Math.hypot(...vector);
  return Array.from(vector, (value) => Math.fround(value / length));
}
