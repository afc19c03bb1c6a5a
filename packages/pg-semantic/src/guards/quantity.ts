import type { Unit } from './units.ts';

/** A number, a date or a measure as two texts can be compared by it. */
export interface Quantity {
  /** canonical: `300000`, `2.10`, `14:00`, `month 3` */
  readonly value: string;
  readonly unit?: Unit | undefined;
  /** what else is of its kind, for those without a number */
  readonly kinds: readonly string[];
  /** it tells apart only where the other text has another one of its kind: `the fee` may well be `the fee per month` */
  readonly mild: boolean;
  /** whether it is a limit, and on which side: `over 5`, `5 days ago` */
  readonly bound: Bound;
  /** equal for quantities that are the same in every respect: `24 hours`, `one day` */
  readonly key: string;
}

export type Bound = '' | 'above' | 'below' | 'ago' | 'ahead';

const opposed = new Map<Bound, Bound>([
  ['above', 'below'],
  ['below', 'above'],
  ['ago', 'ahead'],
  ['ahead', 'ago'],
]);

export function quantity(
  value: string,
  {
    unit,
    kinds,
    mild = false,
    bound = '',
  }: { unit?: Unit | undefined; kinds?: readonly string[]; mild?: boolean; bound?: Bound } = {},
): Quantity {
  return { value, unit, kinds: kinds ?? unit?.kinds ?? [], mild, bound, key: `${measureOf(value, unit)} ${bound}` };
}

/** The same within a limit. */
export function bounded(one: Quantity, bound: Bound): Quantity {
  return bound === '' ? one : quantity(one.value, { ...one, bound });
}

/** Lengths of time in seconds or months. */
function measureOf(value: string, unit: Unit | undefined): string {
  if (unit?.length === undefined) return `${value} ${unit?.names.join('|') ?? ''}`;
  const [count, of] = unit.length;
  const number = value === '1/2' ? 0.5 : Number(value);
  return Number.isFinite(number)
    ? `${Number((number * count).toPrecision(12))} ${of}`
    : `${value} ${unit.names[0] ?? ''}`;
}

/** In the order in which they can be compared one by one; those without a number only once. */
export function sorted(found: readonly Quantity[]): Quantity[] {
  const known = new Set<string>();
  return found
    .filter(({ mild, key }) => !mild || (!known.has(key) && known.add(key)))
    .sort((a, b) => compare(a.value, b.value) || compare(a.key, b.key));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Whether the same numbers stand in both. A unit, or a limit, that only one of them names is no difference. */
export function differInNumbers(a: readonly Quantity[], b: readonly Quantity[]): boolean {
  if (a.length === 0 && b.length === 0) return false;
  const [here, there] = [without(a, b), without(b, a)];
  const [firm, others] = [here.filter(({ mild }) => !mild), there.filter(({ mild }) => !mild)];
  if (firm.length !== others.length || firm.some((one, i) => !agree(one, others[i]))) return true;
  return clash(
    here.filter(({ mild }) => mild),
    there.filter(({ mild }) => mild),
  );
}

/** Those of `a` that are not in `b` to the letter. */
function without(a: readonly Quantity[], b: readonly Quantity[]): Quantity[] {
  const left = new Map<string, number>();
  for (const { key, mild } of b) left.set(key, mild ? Number.POSITIVE_INFINITY : (left.get(key) ?? 0) + 1);
  return a.filter(({ key, mild }) => {
    const count = left.get(key) ?? 0;
    if (!mild) left.set(key, count - 1);
    return count <= 0;
  });
}

function agree(one: Quantity, other: Quantity | undefined): boolean {
  return other !== undefined && one.value === other.value && areAlike(one, other);
}

function areAlike(one: Quantity, other: Quantity): boolean {
  if (opposed.get(one.bound) === other.bound) return false;
  // A share is no number of things: of all units this one is never left out.
  if (one.unit === undefined || other.unit === undefined)
    return one.unit?.names[0] !== '%' && other.unit?.names[0] !== '%';
  const { names } = other.unit;
  return one.unit.names.some((name) => names.includes(name));
}

/** Whether both have something of one kind that the other has not: a fee per month here, per year there. */
function clash(a: readonly Quantity[], b: readonly Quantity[]): boolean {
  const [ofA, ofB] = [alone(a, b), alone(b, a)];
  return ofA.some(({ kinds }) => ofB.some((other) => kinds.some((kind) => other.kinds.includes(kind))));
}

function alone(a: readonly Quantity[], b: readonly Quantity[]): Quantity[] {
  return a.filter((one) => !b.some((other) => (one.unit === undefined ? agree(one, other) : areAlike(one, other))));
}
