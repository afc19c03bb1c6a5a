import { halves, LARGEST_HALF, toHalf } from './half.ts';

/** A vector as an embedder gives it. */
export type Vector = readonly number[] | Float32Array;
export type Precision = 'float32' | 'float16';

/** The first byte says how it was given; the numbers follow. */
const ARRAY = 1;
const FLOATS = 2;
const HEAD = 1;

/** Bytes per number. */
const WIDTH = { float32: 4, float16: 2 } as const;

/** The numbers as a tier keeps them; undefined when one of them is none, or is too large. */
export function bytesOf(vector: Vector, precision: Precision): Uint8Array | undefined {
  if (!isNumbers(vector)) return undefined;
  const floats = Float32Array.from(vector);
  const limit = precision === 'float16' ? LARGEST_HALF : Number.MAX_VALUE;
  for (const number of floats) if (!(Math.abs(number) <= limit)) return undefined;
  const numbers = precision === 'float16' ? Uint16Array.from(floats, toHalf) : floats;
  const bytes = new Uint8Array(HEAD + numbers.byteLength);
  bytes[0] = Array.isArray(vector) ? ARRAY : FLOATS;
  bytes.set(new Uint8Array(numbers.buffer), HEAD);
  return bytes;
}

/** An embedder is somebody else's code: a `null` in its list would pass for a zero. */
function isNumbers(vector: unknown): boolean {
  return vector instanceof Float32Array || (Array.isArray(vector) && vector.every((one) => typeof one === 'number'));
}

/** How many numbers the bytes hold; undefined when they are none of a vector. */
export function lengthOf(bytes: unknown, precision: Precision): number | undefined {
  if (!(bytes instanceof Uint8Array) || (bytes[0] !== ARRAY && bytes[0] !== FLOATS)) return undefined;
  const length = (bytes.byteLength - HEAD) / WIDTH[precision];
  return Number.isInteger(length) && length > 0 ? length : undefined;
}

/** A vector of the caller's own, of bytes that have a length. */
export function vectorOf(bytes: Uint8Array, precision: Precision): Vector {
  // A buffer of its own, as numbers begin at multiples of their width.
  const body = new Uint8Array(bytes.byteLength - HEAD);
  body.set(bytes.subarray(HEAD));
  const floats = precision === 'float16' ? floatsOf(new Uint16Array(body.buffer)) : new Float32Array(body.buffer);
  return bytes[0] === ARRAY ? arrayOf(floats) : floats;
}

function floatsOf(numbers: Uint16Array): Float32Array {
  const table = halves();
  const floats = new Float32Array(numbers.length);
  for (let at = 0; at < numbers.length; at++) floats[at] = table[numbers[at] as number] as number;
  return floats;
}

/** Array.from takes the way of iterators, which is several times as long. */
function arrayOf(floats: Float32Array): number[] {
  const array = new Array<number>(floats.length);
  for (let at = 0; at < floats.length; at++) array[at] = floats[at] as number;
  return array;
}
