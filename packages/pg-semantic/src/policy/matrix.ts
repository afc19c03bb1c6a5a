/** Small dense matrices, row after row in one array. */
export type Matrix = Float64Array;

/**
 * The inverse of a symmetric positive definite matrix, by Cholesky. Where rounding made it less than that, its diagonal grows.
 *
 * @throws RangeError when that does not help, as with numbers that are not finite
 */
export function inverseOf(matrix: Matrix, size: number): Matrix {
  for (let extra = 0; extra < 1e12; extra = Math.max(1e-9, extra * 100)) {
    const factor = choleskyOf(matrix, size, extra);
    if (factor !== undefined) return inverseFromFactor(factor, size);
  }
  throw new RangeError('a matrix of numbers that are not finite, or too large, has no inverse');
}

function choleskyOf(matrix: Matrix, size: number, extra: number): Matrix | undefined {
  const factor = new Float64Array(size * size);
  const row = (i: number) => factor.subarray(i * size, i * size + size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < i; j += 1) {
      factor[i * size + j] = (at(matrix, i * size + j) - dotOfFirst(row(i), row(j), j)) / at(factor, j * size + j);
    }
    const square = at(matrix, i * size + i) + extra - dotOfFirst(row(i), row(i), i);
    if (!(square > 0)) return undefined;
    factor[i * size + i] = Math.sqrt(square);
  }
  return factor;
}

/** Solves against each unit vector. */
function inverseFromFactor(factor: Matrix, size: number): Matrix {
  const inverse = new Float64Array(size * size);
  for (let unit = 0; unit < size; unit += 1) {
    const column = new Float64Array(size);
    for (let i = unit; i < size; i += 1) {
      const sum = Number(i === unit) - dotOfFirst(factor.subarray(i * size), column, i);
      column[i] = sum / at(factor, i * size + i);
    }
    for (let i = size - 1; i >= 0; i -= 1) {
      let sum = at(column, i);
      for (let k = i + 1; k < size; k += 1) sum -= at(factor, k * size + i) * at(column, k);
      column[i] = sum / at(factor, i * size + i);
    }
    column.forEach((value, i) => {
      inverse[i * size + unit] = value;
    });
  }
  return inverse;
}

function dotOfFirst(a: Float64Array, b: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += at(a, i) * at(b, i);
  return sum;
}

/** `vector` · `matrix` · `vector` */
export function quadraticForm(matrix: Matrix, vector: ArrayLike<number>): number {
  const size = vector.length;
  let sum = 0;
  for (let i = 0; i < size; i += 1) {
    let row = 0;
    for (let j = 0; j < size; j += 1) row += at(matrix, i * size + j) * at(vector, j);
    sum += row * at(vector, i);
  }
  return sum;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += at(a, i) * at(b, i);
  return sum;
}

function at(values: ArrayLike<number>, place: number): number {
  return values[place] ?? 0;
}
