/**
 * A parameter as both drivers take it. Arrays become array literals, because the drivers guess an array's type from its first item and get
 * bytes, booleans and empty arrays wrong; a `Float32Array` becomes a literal of pgvector.
 */
export function toParameter(value: unknown): unknown {
  if (value instanceof Float32Array) return vectorLiteral(value);
  if (Array.isArray(value)) return arrayLiteral(value);
  // postgres.js would declare it a bigint where the statement wants a numeric.
  return typeof value === 'bigint' ? String(value) : value;
}

/**
 * pgvector's text form.
 *
 * @throws RangeError when a component is not a finite number
 */
export function vectorLiteral(vector: ArrayLike<number>): string {
  const components = Array.from(vector);
  const bad = components.findIndex((component) => !Number.isFinite(component));
  if (bad !== -1) throw new RangeError(`a vector's component ${bad} is ${components[bad]}; all must be finite numbers`);
  return `[${components.join(',')}]`;
}

/**
 * The direction of a unit vector in pgvector's text form, as whole numbers, which are written four times as quickly as fractions. Exact to
 * 6·10⁻⁸ of its length, and much longer than 1: for what looks at the angle only, or is brought back to length 1.
 */
export function directionLiteral(unit: Float32Array): string {
  const components = new Array<number>(unit.length);
  for (let place = 0; place < unit.length; place += 1)
    components[place] = Math.round((unit[place] as number) * 2 ** 24);
  return `[${components.join(',')}]`;
}

/** Postgres' text form of an array. */
function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(itemLiteral).join(',')}}`;
}

function itemLiteral(item: unknown): string {
  if (item === null || item === undefined) return 'NULL';
  if (Array.isArray(item)) return arrayLiteral(item);
  if (typeof item === 'number' || typeof item === 'bigint' || typeof item === 'boolean') return String(item);
  if (item instanceof Float32Array) return `"${vectorLiteral(item)}"`;
  const text = item instanceof Uint8Array ? `\\x${Buffer.from(item).toString('hex')}` : String(item);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
