const months = 'january february march april may june july august september october november december'.split(' ');
const shortMonths = new Map<string, number>([
  ...months.filter((name) => name !== 'may').map((name): [string, number] => [name.slice(0, 3), months.indexOf(name)]),
  ['sept', 8],
]);
const weekdays = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const named = new Map([
  ['noon', '12:00'],
  ['midnight', '0:00'],
  ['yesterday', 'yesterday'],
  ['tomorrow', 'tomorrow'],
  ['tonight', 'tonight'],
]);
const beforeDate = /^(?:in|of|on|by|until|till|since|for|last|next|this|st|nd|rd|th|\d.*)$/;

const days: ReadonlySet<string> = new Set([
  ...months,
  ...shortMonths.keys(),
  ...weekdays.flatMap((name) => [name, `${name}s`]),
  ...named.keys(),
]);

/** Whether `readDay` has something to say about a word. */
export function startsDay(word: string): boolean {
  return days.has(word);
}

/** `2` before `pm`, `2:30` before `p m`, `14:00`: hours and minutes of the day, and the place after them. */
export function readTime(
  tokens: readonly string[],
  number: string,
  end: number,
): { value: string; end: number } | undefined {
  const clock = /^(\d{1,2})(?::(\d{2}))?$/.exec(number);
  if (clock === null) return undefined;
  const half = readHalf(tokens, end);
  if (half === undefined) return clock[2] === undefined ? undefined : { value: `${Number(clock[1])}:${clock[2]}`, end };
  const hour = (Number(clock[1]) % 12) + (half.name === 'p' ? 12 : 0);
  return { value: `${hour}:${clock[2] ?? '00'}`, end: half.end };
}

function readHalf(tokens: readonly string[], at: number): { name: string; end: number } | undefined {
  const token = tokens[at] ?? '';
  if (token === 'am' || token === 'pm') return { name: token[0] ?? '', end: at + 1 };
  return (token === 'a' || token === 'p') && tokens[at + 1] === 'm' ? { name: token, end: at + 2 } : undefined;
}

/** Months, days of the week, days counted from today. */
export function readDay(tokens: readonly string[], at: number): string | undefined {
  const word = tokens[at] ?? '';
  const weekday = weekdays.indexOf(word.endsWith('s') ? word.slice(0, -1) : word);
  if (weekday >= 0) return `weekday ${weekday + 1}`;
  const month = shortMonths.get(word) ?? months.indexOf(word);
  if (month < 0) return named.get(word);
  const isAlsoVerb = word === 'may' || word === 'march' || word === 'mar';
  return isAlsoVerb && !isDateAround(tokens, at) ? undefined : `month ${month + 1}`;
}

function isDateAround(tokens: readonly string[], at: number): boolean {
  return beforeDate.test(tokens[at - 1] ?? '') || /^\d/.test(tokens[at + 1] ?? '');
}
