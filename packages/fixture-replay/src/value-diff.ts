import { canonicalJson } from '@agent-cache/core-key';
import type { Path } from './conversation.ts';
import { isObject } from './json-value.ts';

/** One place where two JSON values differ; `undefined` where one has nothing. */
export interface Difference {
  readonly path: Path;
  readonly before: unknown;
  readonly after: unknown;
}

/** The smallest places where two values differ, in the order of the first value; lists are compared element by element. */
export function differences(before: unknown, after: unknown, path: Path = []): Difference[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(before[index], after[index], [...path, index]),
    );
  }
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
  }
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after)) return [];
  return [{ path, before, after }];
}

/** A path as a JSON Pointer (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const contextWords = 5;
const maxChangedLength = 240;

/** Two texts as one, the words that went `[-so-]` and those that came `{+so+}`, with a few words around. */
export function wordDiff(before: string, after: string): string {
  const [old, young] = [before.split(/(?<=\s)/), after.split(/(?<=\s)/)];
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) start++;
  let end = 0;
  while (end < old.length - start && end < young.length - start && old.at(-1 - end) === young.at(-1 - end)) end++;
  const lead = old.slice(Math.max(0, start - contextWords), start).join('');
  const tail = old.slice(old.length - end, old.length - end + contextWords).join('');
  const gone = clip(
    old
      .slice(start, old.length - end)
      .join('')
      .trim(),
  );
  const come = clip(
    young
      .slice(start, young.length - end)
      .join('')
      .trim(),
  );
  const change = `${gone && `[-${gone}-]`}${come && `{+${come}+}`}`;
  const dots = [start > contextWords ? '…' : '', end > contextWords ? '…' : ''];
  return `${dots[0]}${lead}${change} ${tail.trimEnd()}${dots[1]}`.replaceAll(/\s+/g, ' ').trimEnd();
}

/** At most so many characters of a text, the end of it counted. */
export function clip(text: string, maxLength: number = maxChangedLength): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length} characters)` : text;
}
