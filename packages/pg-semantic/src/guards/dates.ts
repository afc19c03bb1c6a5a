import { type Quantity, quantity } from './quantity.ts';
import { unitOf } from './units.ts';

const months = 'january february march april may june july august september october november december'.split(' ');
const shortMonths = new Map<string, number>([
  ...months.filter((name) => name !== 'may').map((name): [string, number] => [name.slice(0, 3), months.indexOf(name)]),
  ['sept', 8],
]);
const weekdays = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const named = new Map([
  ['noon', '12:00'],
  ['midnight', '0:00'],
  ...'yesterday tomorrow tonight easter christmas thanksgiving halloween ramadan'
    .split(' ')
    .map((name): [string, string] => [name, name]),
  ['xmas', 'christmas'],
]);
const beforeDate = /^(?:in|of|on|by|until|till|since|for|last|next|this|st|nd|rd|th|\d.*)$/;
const partsOfDay: ReadonlySet<string> = new Set(['morning', 'afternoon', 'evening']);
/** Words that count periods from now, with what they mean. */
const deictic = new Map([
  ['this', 'this'],
  ['current', 'this'],
  ['next', 'next'],
  ['coming', 'next'],
  ['upcoming', 'next'],
  ['last', 'last'],
  ['past', 'last'],
  ['previous', 'last'],
]);
const seasons: ReadonlySet<string> = new Set(
  'quarter semester term season spring summer autumn winter night'.split(' '),
);

/** Words that `readDay` has something to say about. */
export const dayWords: ReadonlySet<string> = new Set([
  ...months,
  ...shortMonths.keys(),
  ...weekdays.flatMap((name) => [name, `${name}s`]),
  ...named.keys(),
  ...partsOfDay,
  ...deictic.keys(),
  'today',
]);

/** Months, days of the week, feasts, days counted from today. */
export function readDay(tokens: readonly string[], at: number): Quantity | undefined {
  const word = tokens[at] ?? '';
  if (word === 'today') return quantity('this', { kinds: ['when'], mild: true });
  if (partsOfDay.has(word)) return quantity(word, { kinds: ['part of day'], mild: true });
  const counted = deictic.get(word);
  if (counted !== undefined) return readDeictic(counted, tokens[at + 1] ?? '');
  const weekday = weekdays.indexOf(withoutS(word));
  if (weekday >= 0) return quantity(`weekday ${weekday + 1}`);
  const month = monthAt(tokens, at);
  const name = named.get(word);
  if (month === undefined) return name === undefined ? undefined : quantity(name);
  return quantity(`month ${month}`);
}

/** `next` of `next week`. `this week` is mostly left unsaid, and `next Monday` is a Monday. */
function readDeictic(counted: string, period: string): Quantity | undefined {
  const isDay = weekdays.includes(period) || months.includes(period) || partsOfDay.has(period);
  const isPeriod = unitOf(period)?.kinds.includes('time') === true && !period.endsWith('s');
  if (!isDay && !isPeriod && !seasons.has(period)) return undefined;
  return quantity(counted, { kinds: ['when'], mild: isDay || period === 'day' || counted === 'this' });
}

function withoutS(word: string): string {
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

/** The month, from 1, that a word names at its place. */
export function monthAt(tokens: readonly string[], at: number): number | undefined {
  const word = tokens[at] ?? '';
  if (!dayWords.has(word)) return undefined;
  const month = shortMonths.get(word) ?? months.indexOf(word);
  const isAlsoVerb = word === 'may' || word === 'march' || word === 'mar';
  return month < 0 || (isAlsoVerb && !isDateAround(tokens, at)) ? undefined : month + 1;
}

function isDateAround(tokens: readonly string[], at: number): boolean {
  return beforeDate.test(tokens[at - 1] ?? '') || /^\d/.test(tokens[at + 1] ?? '');
}

const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

/** `2024-03-05` as `5 March 2024` is read. */
export function readIsoDate(token: string): Quantity[] | undefined {
  const [, year, month, day] = iso.exec(token) ?? [];
  if (year === undefined) return undefined;
  return [quantity(year), quantity(`month ${Number(month)}`), quantity(String(Number(day)))];
}
