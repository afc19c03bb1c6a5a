import { isStopWord } from '../text/stop-words.ts';

/** What stands between spaces, quotes and brackets; a call keeps its own. */
const chunk = /`[^`\n]{1,200}`|[^\s,;"“”'`()[\]{}<>]+(?:\(\))?/gu;
/** Without one of these nothing in a text can be code: most texts are spared the rest. */
const codeSign = /[@#`_/(]|\w\.[a-z]|[a-z][A-Z]|\+\+|(?<![^\s(])(?:--?[a-zA-Z]|\.[a-zA-Z])/;
/** Tried one by one at the beginning of a chunk, so that none of them is slow. */
const kinds: readonly RegExp[] = [
  /^https?:\/\/\S/,
  /^`/,
  /^[\w.+-]+@[\w-]+\.\w/,
  /^[@#][\p{L}\w]/u,
  /[\w$]_+[\w$]/,
  /^[\w$][\w$.]*\(\)$/,
  /^\.{0,2}\/[\w-]/,
  /^(?=.*[a-zA-Z])(?:[\w-]+\/){2}/,
  /^[\w-]{2,}(?:\.[\w-]+)*\.[a-z]{1,4}$/,
  /^\.[a-z]\w+$/i,
  /^[a-z]\w*(?:\+\+|#)$/i,
  /^[a-z]+[A-Z]\w*$/,
];
const slashed = /^([\w-]+)\/([\w.-]+)$/;
const flag = /^(?:--[a-zA-Z][\w-]*|-[a-zA-Z]{1,3})$/;
/** Letters with a number that follows: `iPhone14` is an `iPhone`, and the number is read for itself. */
const numberAfter = /^([a-z]+[A-Z][a-zA-Z]*)\d+$/;

export interface Codes {
  /** lower case, to be found in the other text */
  readonly codes: ReadonlySet<string>;
  /** with their case: `-v` is not `-V` */
  readonly flags: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();

/** Addresses, paths, calls, identifiers, flags and quoted names: what has to be the same to the letter. */
export function codesOf(text: string): Codes {
  if (!codeSign.test(text)) return { codes: nothing, flags: nothing };
  const codes = new Set<string>();
  const flags = new Set<string>();
  for (const written of text.match(chunk) ?? []) {
    const code = trimmed(written);
    if (flag.test(code)) flags.add(code);
    else if (isCode(code)) codes.add(code.replace(/`|^\./g, '').replace(numberAfter, '$1').toLowerCase());
  }
  return { codes, flags };
}

/** A sentence goes on after a code. */
function trimmed(written: string): string {
  let end = written.length;
  while (end > 0 && '.:!?'.includes(written[end - 1] ?? '')) end -= 1;
  return written.slice(0, end);
}

function isCode(code: string): boolean {
  if (kinds.some((kind) => kind.test(code))) return true;
  const [, first = '', second = ''] = slashed.exec(code) ?? [];
  // Neither a date nor `and/or`.
  return first !== '' && /[a-z]/i.test(code) && !isStopWord(first.toLowerCase()) && !isStopWord(second.toLowerCase());
}
