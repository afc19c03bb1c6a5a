import { isObject, type JsonObject, listOf, objectOf } from './json-value.ts';

/**
 * One embeddings request per input, so that each text is cached by itself: `input: ["a", "b"]` becomes `input: "a"` and `input: "b"`;
 * lists of tokens likewise. undefined when the input is something else, or nothing.
 */
export function splitEmbeddingInputs(body: unknown): readonly JsonObject[] | undefined {
  if (!isObject(body)) return undefined;
  const inputs = inputsOf(body.input);
  return inputs?.map((input) => ({ ...body, input }));
}

function inputsOf(input: unknown): readonly unknown[] | undefined {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (input.every((token) => typeof token === 'number')) return [input];
  return input.every((text) => typeof text === 'string') || input.every(isTokens) ? input : undefined;
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === 'number');
}

/** The reverse: one request for several inputs that are missing. The requests must be parts of the same request. */
export function joinEmbeddingInputs(parts: readonly JsonObject[]): JsonObject {
  return { ...parts[0], input: parts.map(({ input }) => input) };
}

/**
 * The answer to a request of several inputs as one answer per input. Usage is divided by the length of the inputs; the shares add up
 * to exactly what was billed. undefined when the answer does not have one vector per input.
 */
export function splitEmbeddingAnswer(answer: unknown, body: unknown): readonly JsonObject[] | undefined {
  const inputs = inputsOf(objectOf(body).input);
  const { data, usage, ...rest } = objectOf(answer);
  const list = listOf(data);
  if (inputs === undefined || list.length !== inputs.length || !list.every(isInPlace)) return undefined;
  const shares = shareUsage(
    usage,
    inputs.map((input) => (typeof input === 'string' ? input.length : listOf(input).length)),
  );
  return list.map((item, position) => ({
    ...rest,
    data: [{ ...objectOf(item), index: 0 }],
    ...(usage === undefined ? {} : { usage: shares[position] }),
  }));
}

function isInPlace(item: unknown, position: number): boolean {
  return isObject(item) && item.index === position;
}

/** Whole numbers per input whose sum is the whole: each share ends where the running total, rounded down, stands. */
function shareUsage(usage: unknown, weights: readonly number[]): readonly unknown[] {
  if (!isObject(usage)) return weights.map(() => usage);
  const whole = weights.reduce((sum, weight) => sum + weight + 1, 0);
  let before = 0;
  return weights.map((weight) => {
    const start = before;
    before += weight + 1;
    const shares = Object.entries(usage).map(([field, count]) => [
      field,
      typeof count === 'number' ? Math.floor((count * before) / whole) - Math.floor((count * start) / whole) : count,
    ]);
    return Object.fromEntries(shares) as JsonObject;
  });
}

/** Puts answers of one input each together: vectors in order, counters of usage added up. The rest is the first one's. */
export function joinEmbeddingAnswers(parts: readonly unknown[]): JsonObject {
  const answers = parts.map(objectOf);
  const { data: _data, usage, ...rest } = answers[0] ?? {};
  const data = answers.flatMap((answer) => listOf(answer.data)).map((item, index) => ({ ...objectOf(item), index }));
  return {
    ...rest,
    data,
    ...(usage === undefined ? {} : { usage: answers.map((answer) => answer.usage).reduce(addUsage) }),
  };
}

function addUsage(a: unknown, b: unknown): unknown {
  if (!isObject(a) || !isObject(b)) return a ?? b;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...fields].map((field) => [field, addCounts(a[field], b[field])]));
}

function addCounts(a: unknown, b: unknown): unknown {
  return typeof a === 'number' && typeof b === 'number' ? a + b : (a ?? b);
}
