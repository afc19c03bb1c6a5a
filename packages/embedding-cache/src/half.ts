/** Above it a number rounds to infinity. */
export const LARGEST_HALF = 65_504;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest IEEE 754 binary16, ties to even. Node.js 22 has no Float16Array. */
export function toHalf(value: number): number {
  float[0] = value;
  const [all = 0] = bits;
  const sign = (all >>> 16) & 0x8000;
  const exponent = ((all >>> 23) & 0xff) - 112;
  const fraction = all & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign | rounded((exponent << 23) | fraction, 13);
  // Below 2^-14 there is no leading one, so it is written out, and shifted as far as the exponent is too small.
  return exponent < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - exponent);
}

/** A carry out of the fraction raises the exponent, which is what rounding up means there. */
function rounded(value: number, dropped: number): number {
  const kept = value >>> dropped;
  const rest = value & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

let table: Float32Array | undefined;

/** The numbers of all halves: looked up ten times as fast as computed, for 256 KB that only those pay who use halves. */
export function halves(): Float32Array {
  table ??= Float32Array.from({ length: 0x1_0000 }, (_, half) => fromHalf(half));
  return table;
}

/** The number that 16 bits stand for. */
export function fromHalf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}
