import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';

/** Addresses, paths, calls, identifiers and quoted names: what has to be the same to the letter. */
const codePattern =
  /https?:\/\/\S+|[\w.+-]+@[\w-]+\.[\w.]+|[@#][\p{L}\w]+|`[^`]+`|\b[\w$]+(?:_[\w$]+)+\b|\b[\w$]+(?:\.[\w$]+)*\(\)|(?<![\w.])(?:\.{0,2}\/)?(?:[\w-]+\/)+[\w.-]+|\b[\w-]{2,}\.[a-z]{1,4}\b|\b[a-z]+[A-Z]\w*\b/gu;
/** Without one of these nothing in a text can be code: most texts are spared the pattern above, which is slow. */
const codeSign = /[@#`_/(]|[\w-]\.[a-z]|[a-z][A-Z]/;
const notAscii = /[^\0-\x7f]/;
const capitalised = /(?<![\p{L}\p{N}'])\p{Lu}[\p{L}\p{M}\p{N}+#]*/gu;
const nameOfWords = /\p{Lu}\p{L}*(?: \p{Lu}\p{L}*)+/gu;
const foreign = /\p{Extended_Pictographic}|[\p{L}\p{M}]*(?!\p{Script=Latin})\p{L}[\p{L}\p{M}]*/gu;
const sentenceStart = /(?:^|[.!?:;\n"“(])[\s"'“(]*$/u;
/** Above this share of capitals they are the style of the text and name nothing. */
const titleCase = 0.6;
/** Of a pasted document only the beginning is read for names. */
const maxLength = 4_000;

export interface Entities {
  /** lower case, with the first letters of the name that each is part of */
  readonly names: ReadonlyMap<string, string>;
  readonly codes: ReadonlySet<string>;
}

/** The names and code tokens of a text with its case. */
export function entitiesOf(text: string): Entities {
  const head = text.slice(0, maxLength);
  const codes = new Set<string>();
  const written = codeSign.test(head) ? head.match(codePattern) : null;
  for (const code of written ?? []) codes.add(code.replace(/[`,;:.!?)]+$|^`/g, '').toLowerCase());
  const names = new Map<string, string>();
  const strange = notAscii.test(head) ? head.match(foreign) : null;
  for (const word of strange ?? []) names.set(word.toLowerCase(), '');
  for (const name of capitalisedNames(head)) names.set(name, '');
  if (names.size === 0) return { names, codes };
  for (const [run] of head.matchAll(nameOfWords)) {
    const words = run.split(' ');
    const initials = words
      .map((word) => word[0])
      .join('')
      .toLowerCase();
    for (const word of words) if (names.has(word.toLowerCase())) names.set(word.toLowerCase(), initials);
  }
  return { names, codes };
}

function capitalisedNames(text: string): string[] {
  const found = [...text.matchAll(capitalised)];
  if (found.length > 2 && found.length > (text.match(/\p{L}+/gu)?.length ?? 0) * titleCase) return [];
  return found
    .filter(
      ({ 0: word, index }) =>
        word !== 'I' && (isShout(word) || !sentenceStart.test(text.slice(Math.max(0, index - 8), index))),
    )
    .map(([word]) => word.toLowerCase())
    .filter((word) => !isStopWord(word));
}

function isShout(word: string): boolean {
  return word.length > 1 && word === word.toUpperCase();
}

/** What entities are looked for in: another text. */
export interface Haystack {
  /** lower case */
  readonly text: string;
  readonly stems: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** Whether a name or a code token of one text is missing in the other. `NYC` is found where three words begin with n, y, c. */
export function lacksEntityOf({ names, codes }: Entities, other: Haystack): boolean {
  for (const code of codes) if (!other.text.includes(code)) return true;
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
