import { readDay, readTime, startsDay } from './dates.ts';
import { readNumberWords, scales, startsNumber } from './number-words.ts';
import { unitOf } from './units.ts';

/** A number as two texts can be compared by it. */
export interface Quantity {
  /** canonical: `300000`, `2.10`, `14:00`, `month 3` */
  readonly value: string;
  /** canonical, empty when none is named */
  readonly unit: string;
}

const shortScales = new Map([
  ['k', 1e3],
  ['m', 1e6],
  ['mm', 1e6],
  ['mn', 1e6],
  ['bn', 1e9],
  ['b', 1e9],
]);
const currencies = new Map([
  ['$', 'usd'],
  ['€', 'eur'],
  ['£', 'gbp'],
  ['¥', 'jpy'],
  ['₹', 'inr'],
]);
const money = /^(?:usd|eur|gbp|jpy|inr|chf)$/;
/** A plain 1 is a number after these only: elsewhere `one ticket` is `a ticket`. */
const numbered =
  /^(?:version|v|step|chapter|level|phase|part|type|section|number|no|line|page|room|gate|platform|terminal|flight|grade|tier|day|week|year|season|episode|volume|question|option|plan|release)$/;

const pattern = /[$€£¥₹]|%|\p{Nd}+(?:[.,:/-]\p{Nd}+)*|[\p{L}\p{M}]+/gu;
const digit = /^\p{Nd}/u;
const isoDate = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** The numbers, amounts, times, dates and versions of a text in lower case, however they are written; sorted. */
export function quantitiesOf(text: string): Quantity[] {
  const tokens = (text.match(pattern) ?? []).flatMap((token) =>
    token.includes('-') && !isoDate.test(token) ? token.split('-') : [token],
  );
  const found: Quantity[] = [];
  for (let at = 0; at < tokens.length; ) {
    const read = startsQuantity(tokens[at] ?? '') ? readQuantity(tokens, at) : undefined;
    if (read?.quantity !== undefined) found.push(read.quantity);
    at = read?.end ?? at + 1;
  }
  return found.sort((a, b) => compare(a.value, b.value) || compare(a.unit, b.unit));
}

/** Most words start none, and are left alone. */
function startsQuantity(token: string): boolean {
  return startsNumber(token) || startsDay(token) || digit.test(token);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Whether the same numbers stand in both. A unit that only one of them names is no difference. */
export function differInNumbers(a: readonly Quantity[], b: readonly Quantity[]): boolean {
  if (a.length !== b.length) return true;
  return a.some(({ value, unit }, i) => {
    const other = b[i];
    return other?.value !== value || (unit !== '' && other.unit !== '' && unit !== other.unit);
  });
}

interface Read {
  readonly quantity?: Quantity;
  readonly end: number;
}

function readQuantity(tokens: readonly string[], at: number): Read | undefined {
  const number = digit.test(tokens[at] ?? '') ? readDigits(tokens, at) : readNumberWords(tokens, at);
  if (number === undefined) {
    const day = readDay(tokens, at);
    return day === undefined ? undefined : { quantity: { value: day, unit: '' }, end: at + 1 };
  }
  const time = readTime(tokens, number.value, number.end);
  if (time !== undefined) return { quantity: { value: time.value, unit: '' }, end: time.end };
  return readAmount(tokens, at, number);
}

interface Plain {
  readonly value: string;
  readonly end: number;
}

function readDigits(tokens: readonly string[], at: number): Plain {
  const token = (tokens[at] ?? '').replace(/,(?=\d{3}(?!\d))/g, '');
  const ordinal = /^(?:st|nd|rd|th)$/.test(tokens[at + 1] ?? '');
  const value = token.replace(/^0+(?=\d)/, '').replace(/^(\d+)\.0+$/, '$1');
  return { value, end: at + 1 + Number(ordinal) };
}

function readAmount(tokens: readonly string[], at: number, number: Plain): Read {
  const before = tokens[at - 1] ?? '';
  const leading = currencies.get(before);
  const { value, end } = readScale(tokens, number, leading !== undefined);
  const after = tokens[end] ?? '';
  const unit = leading ?? currencies.get(after) ?? unitOf(after);
  if (value === '1' && unit === '' && !numbered.test(before)) return { end };
  const canonical = money.test(unit) ? value.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : value;
  return { quantity: { value: canonical, unit }, end: leading === undefined && unit !== '' ? end + 1 : end };
}

function readScale(tokens: readonly string[], { value, end }: Plain, isMoney: boolean): Plain {
  const word = tokens[end] ?? '';
  // `5 m` are metres, `$5 m` is money.
  const scale = scales.get(word) ?? (isMoney || word === 'k' ? shortScales.get(word) : undefined);
  const number = Number(value);
  if (scale === undefined || Number.isNaN(number)) return { value, end };
  return { value: String(Number((number * scale).toPrecision(12))), end: end + 1 };
}
