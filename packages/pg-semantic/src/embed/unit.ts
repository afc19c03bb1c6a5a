/** Adds `vector`, at length `weight`, to `sum`. */
export function addScaled(sum: Float32Array, vector: ArrayLike<number>, weight: number): void {
  const scale = weight / (lengthOf(vector) || 1);
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0) * scale;
}

/** Scales a vector to length 1, in place. A vector of zeros becomes the first axis, so that every text has a direction. */
export function toUnit(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  if (length === 0) vector[0] = 1;
  else for (let i = 0; i < vector.length; i += 1) vector[i] = (vector[i] ?? 0) / length;
  return vector;
}

function lengthOf(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i += 1) sum += (vector[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}
