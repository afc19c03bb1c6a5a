import { stemOf } from '../text/stem.ts';
import { capitalsOf } from './capitals.ts';
import { codesOf } from './codes.ts';
import { isNegated } from './negation.ts';

const notAscii = /[^\0-\x7f]/;
const nameOfWords = /(?<!\p{L})\p{Lu}\p{L}*(?: \p{Lu}\p{L}*){1,9}/gu;
const letters = /\p{Extended_Pictographic}|[\p{L}\p{M}]+/gu;
const notLatin = /\p{Extended_Pictographic}|(?!\p{Script=Latin})\p{L}/u;
const compound = /(?<!\p{L})\p{L}+(?: ?- ?\p{L}+)+/gu;
/** Of a pasted document only the beginning is read for names. */
const maxLength = 4_000;

export interface Entities {
  /** lower case, with the first letters of the name that each is part of */
  readonly names: ReadonlyMap<string, string>;
  /** the parts of `git-rebase` */
  readonly compounds: ReadonlySet<string>;
  /** words that may be names, in lower case; the parts of compounds among them */
  readonly maybe: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly flags: ReadonlySet<string>;
}

/** The names and code tokens of a text with its case, but for words that say a quantity or a negation. */
export function entitiesOf(text: string, quantityWords: ReadonlySet<string>): Entities {
  const head = text.slice(0, maxLength);
  const names = new Map<string, string>();
  for (const word of foreignWordsOf(head)) names.set(word, '');
  const capitals = capitalsOf(head);
  for (const name of capitals.names) if (!quantityWords.has(name) && !isNegated(name)) names.set(name, '');
  for (const [name, initials] of initialsOf(head, capitals.names)) if (names.has(name)) names.set(name, initials);
  const compounds = new Set(compoundWordsOf(head));
  return { ...codesOf(head), names, compounds, maybe: new Set([...capitals.maybe, ...compounds]) };
}

function foreignWordsOf(text: string): string[] {
  if (!notAscii.test(text)) return [];
  return (text.match(letters) ?? []).filter((word) => notLatin.test(word)).map((word) => word.toLowerCase());
}

/** The words of names with the first letters of the whole: `n` `y` `c` of `New York City`. */
function initialsOf(text: string, names: readonly string[]): [string, string][] {
  if (names.length < 2) return [];
  return (text.match(nameOfWords) ?? []).flatMap((name) => {
    const words = name.toLowerCase().split(' ');
    const initials = words.map((word) => word[0]).join('');
    return words.map((word): [string, string] => [word, initials]);
  });
}

function compoundWordsOf(text: string): string[] {
  return text.includes('-') ? (text.match(compound) ?? []).flatMap((word) => word.toLowerCase().split(/ ?- ?/)) : [];
}

/** What entities are looked for in: another text. */
export interface Haystack {
  /** lower case */
  readonly text: string;
  readonly stems: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** Whether a name or a code token of one text is missing in the other. `NYC` is found where three words begin with n, y, c. */
export function lacksEntityOf(
  { names, codes, flags }: Entities,
  other: Haystack & { readonly entities: Entities },
): boolean {
  for (const code of codes) if (!other.text.includes(code)) return true;
  for (const flag of flags) if (!other.entities.flags.has(flag)) return true;
  for (const [name, initials] of names) if (!isThere(name, other) && !other.stems.has(initials)) return true;
  return false;
}

function isThere(name: string, { text, stems, words }: Haystack): boolean {
  if (stems.has(stemOf(name)) || (/[^\x20-\x7e]/.test(name) && text.includes(name))) return true;
  if (/[^a-z]/.test(name)) return text.includes(name);
  if (name.length < 2 || name.length > 6) return false;
  return words.some(
    (_, i) =>
      words.slice(i, i + name.length).every((word, k) => word[0] === name[k]) && i + name.length <= words.length,
  );
}
