import { boundAround } from './bounds.ts';
import { dayWords, monthAt, readDay, readIsoDate } from './dates.ts';
import { numberWords, type Plain, readNumberWords, scales } from './number-words.ts';
import { partWords, readPart, readRoman } from './parts.ts';
import { bounded, type Quantity, quantity, sorted } from './quantity.ts';
import { readTime } from './times.ts';
import { operatorsOf, type Tokens, tokensOf } from './tokens.ts';
import { isMoney, readUnit, type Unit, unitOf, unitsAlone } from './units.ts';

interface Read {
  readonly quantities: readonly Quantity[];
  readonly end: number;
}

const shortScales = new Map([
  ['k', 1e3],
  ['m', 1e6],
  ['mm', 1e6],
  ['mn', 1e6],
  ['bn', 1e9],
  ['b', 1e9],
]);
/** These are no units, so no sign of money has to say what they mean. */
const plainScales = /^(?:k|bn|mn)$/;
/** A plain 1, or one letter, is a number after these only: elsewhere `one ticket` is `a ticket`. */
const numbered: ReadonlySet<string> = new Set(
  `version v step chapter level phase part type section number no line page room gate platform terminal flight grade tier day week year
  season episode volume question option plan release class group vitamin hepatitis appendix exhibit building block category`.split(
    /\s+/,
  ),
);
/** A text with more quantities is a table: the rest of its numbers is compared as it is written. */
const maxRead = 500;
const digit = /^-?\p{Nd}/u;
const pluralScale = /^(?:hundred|thousand|million|billion|trillion)s$/;
const starters: ReadonlySet<string> = new Set([...numberWords, ...partWords, ...dayWords, ...unitsAlone]);

/** What a text says in numbers, and the words that say it: these are no names, even with a capital. */
export interface Quantities {
  readonly found: readonly Quantity[];
  readonly words: ReadonlySet<string>;
}

/** The numbers, amounts, times, dates, versions and measures of a text in lower case, however they are written; sorted. */
export function quantitiesOf(text: string, plainWords: readonly string[]): Quantities {
  const tokens = tokensOf(text, plainWords);
  const { found, words } = readAll(tokens);
  // Where words were the tokens no two numbers can have a sign between them.
  if (tokens.texts !== plainWords) {
    for (const sign of operatorsOf(text)) found.push(quantity(sign, { kinds: ['operator'], mild: true }));
  }
  return { found: sorted(found), words };
}

function readAll(tokens: Tokens): { found: Quantity[]; words: ReadonlySet<string> } {
  const { texts } = tokens;
  const found: Quantity[] = [];
  const words = new Set<string>();
  let at = 0;
  for (let count = 0; at < texts.length && count < maxRead; ) {
    const read = startsQuantity(texts, at) ? readQuantity(tokens, at) : undefined;
    if (read === undefined) {
      at += 1;
      continue;
    }
    count += 1;
    found.push(...read.quantities);
    for (; at < read.end; at += 1) words.add(texts[at] ?? '');
  }
  if (at < texts.length) found.push(quantity(texts.slice(at).filter(isNumeral).join(' ')));
  return { found, words };
}

function isNumeral(token: string): boolean {
  return digit.test(token);
}

/** Most words start none, and are left alone. */
function startsQuantity(tokens: readonly string[], at: number): boolean {
  const token = tokens[at] ?? '';
  if (starters.has(token) || isNumeral(token)) return true;
  return token.length === 1 ? numbered.has(tokens[at - 1] ?? '') : /^[ivx]+$/.test(token) || pluralScale.test(token);
}

function readQuantity(tokens: Tokens, at: number): Read | undefined {
  const { texts } = tokens;
  const token = texts[at] ?? '';
  const date = readIsoDate(token);
  if (date !== undefined) return { quantities: date, end: at + 1 };
  const number = isNumeral(token) ? readDigits(texts, at) : (readNumberWords(texts, at) ?? readPart(texts, at));
  if (number === undefined) return readWord(texts, at);
  const time = readTime(texts, number.value, number.end);
  if (time !== undefined) return { quantities: [quantity(time.value)], end: time.end };
  return readAmount(tokens, at, number);
}

/** What is a quantity without a number. */
function readWord(tokens: readonly string[], at: number): Read | undefined {
  const token = tokens[at] ?? '';
  const end = at + 1;
  const leads = isMoney(unitOf(token)) && isNumeral(tokens[end] ?? '');
  const day = readDay(tokens, at);
  if (day !== undefined) return { quantities: [bounded(day, boundAround(tokens, at, end, 'day'))], end };
  if (leads) return { quantities: [], end };
  const unit = unitsAlone.has(token) ? readUnit(tokens, at) : undefined;
  if (unit !== undefined) return { quantities: [quantity('1', { unit: unit.unit, mild: true })], end: unit.end };
  if (pluralScale.test(token)) return { quantities: [quantity(token, { kinds: ['scale'], mild: true })], end };
  const roman = readRoman(token);
  if (roman !== undefined) return { quantities: [quantity(roman)], end };
  return token.length === 1 && isLabel(tokens, at) ? { quantities: [quantity(`letter ${token}`)], end } : undefined;
}

/** `option b`; `plan a` at the end, but not `which plan a person needs`. */
function isLabel(tokens: readonly string[], at: number): boolean {
  const isWord = tokens[at] === 'a' || tokens[at] === 'i';
  return !isWord || tokens[at + 1] === undefined;
}

function readDigits(tokens: readonly string[], at: number): Plain {
  const token = tokens[at] ?? '';
  const ordinal = /^(?:st|nd|rd|th)$/.test(tokens[at + 1] ?? '');
  const value = /^[1-9]\d*$/.test(token) ? token : plainOf(token);
  const isNegative = tokens[at - 1] === 'minus' && !isNumeral(tokens[at - 2] ?? '');
  return { value: isNegative ? `-${value}` : value, end: at + 1 + Number(ordinal) };
}

/** Without what may be left out: zeros at both ends, commas between thousands. */
function plainOf(token: string): string {
  return (
    token
      .replace(/,(?=\d{3}(?!\d))/g, '')
      .replace(/(?<=^-?)0+(?=\d)/, '')
      // Three may be those of a thousand.
      .replace(/^(-?\d+)\.(?:0{1,2}|0{4,})$/, '$1')
      // A date of digits may have them before each of its parts.
      .replace(/\/0+(?=\d)/g, '/')
  );
}

function readAmount({ texts, glued }: Tokens, at: number, number: Plain): Read {
  const before = texts[at - 1] ?? '';
  const signed = unitOf(before);
  const leading = isMoney(signed) && isNumeral(texts[at] ?? '') ? signed : undefined;
  const { value, end } = readScale(texts, number, leading !== undefined);
  const follows = leading === undefined && glued[end + 1] !== true ? readUnit(texts, end) : undefined;
  const unit = leading ?? multipleOf(texts[at]) ?? follows?.unit ?? labelAround(texts, glued, at, end);
  if (value === '1' && unit === undefined && !isNumbered(texts, at, end)) return { quantities: [], end };
  // `1.000` may be a thousand.
  const canonical =
    isMoney(unit) && !/\.\d{3}$/.test(value) ? value.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : value;
  const after = follows?.end ?? end;
  const bound = boundAround(texts, leading === undefined ? at : at - 1, after, unit?.length && 'time');
  return { quantities: [quantity(canonical, { unit, bound })], end: after };
}

function multipleOf(token: string | undefined): Unit | undefined {
  return token !== undefined && partWords.has(token) && token !== 'half' && token !== 'quarter'
    ? unitOf('times')
    : undefined;
}

/** `1 May`, `step one`. */
function isNumbered(tokens: readonly string[], at: number, end: number): boolean {
  if (tokens[at - 1] === 'no' && tokens[at] === 'one') return false;
  const month = tokens[end] === 'of' ? end + 1 : end;
  return (
    numbered.has(tokens[at - 1] ?? '') || monthAt(tokens, at - 1) !== undefined || monthAt(tokens, month) !== undefined
  );
}

/** Letters that touch a number and are neither a unit nor a version: `a3` is not `b3`, though it may be 3. */
function labelAround(tokens: readonly string[], glued: readonly boolean[], at: number, end: number): Unit | undefined {
  const prefix = glued[at] === true ? (tokens[at - 1] ?? '') : '';
  const suffix = glued[end] === true ? (tokens[end] ?? '') : '';
  const label = `${/^(?:v|version)$/.test(prefix) ? '' : prefix}~${suffix}`;
  return label === '~' ? undefined : { names: [label], kinds: [] };
}

function readScale(tokens: readonly string[], { value, end }: Plain, isAmount: boolean): Plain {
  const word = tokens[end] ?? '';
  // `5 m` are metres, `$5 m` and `5 m dollars` are money.
  const isSure = isAmount || plainScales.test(word) || isMoney(readUnit(tokens, end + 1)?.unit);
  const scale = scales.get(word) ?? (isSure ? shortScales.get(word) : undefined);
  const number = Number(value);
  if (scale === undefined || Number.isNaN(number)) return { value, end };
  return { value: String(Number((number * scale).toPrecision(12))), end: end + 1 };
}
