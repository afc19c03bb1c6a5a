import type { Plain } from './number-words.ts';

/** `2` before `pm`, `2:30` before `p m`, `14:00`: hours and minutes of the day, and the place after them. */
export function readTime(tokens: readonly string[], number: string, end: number): Plain | undefined {
  const clock = /^(\d{1,2})(?::(\d{2}))?$/.exec(number);
  if (clock === null) return undefined;
  const hour = Number(clock[1]);
  const minutes = clock[2] ?? '00';
  if (tokens[end] === "o'clock") return { value: `${hour}:${minutes}`, end: end + 1 };
  const half = readHalf(tokens, end);
  if (half === undefined) return clock[2] === undefined ? undefined : { value: `${hour}:${minutes}`, end };
  return { value: `${(hour % 12) + (half.isLate ? 12 : 0)}:${minutes}`, end: half.end };
}

const inPart = /^(?:in the (morning|afternoon|evening)|at (night))$/;

/** Which half of the day is meant: `am`, `p m`, `in the morning`. */
function readHalf(tokens: readonly string[], at: number): { isLate: boolean; end: number } | undefined {
  const token = tokens[at] ?? '';
  if (token === 'am' || token === 'pm') return { isLate: token === 'pm', end: at + 1 };
  if ((token === 'a' || token === 'p') && tokens[at + 1] === 'm') return { isLate: token === 'p', end: at + 2 };
  if (token !== 'in' && token !== 'at') return undefined;
  const count = token === 'in' ? 3 : 2;
  const part = inPart.exec(tokens.slice(at, at + count).join(' '));
  return part === null ? undefined : { isLate: part[1] !== 'morning', end: at + count };
}
