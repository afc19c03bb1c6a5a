import { stemOf } from '../text/stem.ts';

/** A word that denies another: `lose` is `not find`. It counts as a negation where the other text speaks of finding. */
export interface Denial {
  /** stems of what is denied */
  readonly bases: readonly string[];
  /** stems that say the same: where the other text has one nothing is denied */
  readonly words: readonly string[];
}

/** By both stems, as `lost` is another than `lose`. */
const verbs = new Map<string, Denial>();
for (const [word, bases] of [
  ['forget', 'remember know'],
  ['lose', 'find'],
  ['fail', 'succeed pass work through'],
] as const) {
  const words = [word, stemOf(word)];
  for (const stem of words) verbs.set(stem, { bases: bases.split(' ').map(stemOf), words });
}
/** `missing` is an adjective; to miss something is more. */
const missing: Denial = { bases: ['there', 'here', 'show', 'arriv', 'receiv', 'find'], words: ['miss'] };
const ceasing: ReadonlySet<string> = new Set(['stop', 'quit', 'ceas', 'cancel', 'discontinu', 'rid']);
const lessExcept: ReadonlySet<string> = new Set(['unless', 'regardless', 'nonetheless', 'nevertheless', 'wireless']);
/** `sugar-free`; without its hyphen only what things are known to be free of: `parking free` is parking for nothing. */
const freeOf =
  /(?<!\p{L})(?:(\p{L}{3,20})-free|(sugar|gluten|dairy|lactose|nut|alcohol|fat|caffeine|egg|soy|meat|salt|tax|duty|toll) free)(?!\p{L})/gu;

/** What the words of a text deny. Given its words, their stems in the same order, and itself in lower case. */
export function denialsOf(words: readonly string[], stems: readonly string[], text: string): Denial[] {
  const found: Denial[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const denial = denialAt(words, stems, at);
    if (denial !== undefined) found.push(denial);
  }
  if (!text.includes('free')) return found;
  for (const [, what, known] of text.matchAll(freeOf)) found.push(lackOf(what ?? known ?? '', 'free'));
  return found;
}

function denialAt(words: readonly string[], stems: readonly string[], at: number): Denial | undefined {
  const [word = '', next = ''] = [words[at], words[at + 1]];
  if (word === 'missing') return missing;
  const verb = verbs.get(stems[at] ?? '');
  // `Fail to` is a negator by itself, and `find my lost phone` says what it wants.
  if (verb !== undefined) return next === 'to' || verb.bases.some((base) => stems.includes(base)) ? undefined : verb;
  if (word.endsWith('less'))
    return word.length > 6 && !lessExcept.has(word) ? lackOf(word.slice(0, -4), word) : undefined;
  const what = stems[at + 1] ?? '';
  if (word === 'anti') return { bases: [what], words: ['anti', 'against', `anti${what}`] };
  const ceases = next.endsWith('ing') && next !== what && ceasing.has(stems[at] ?? '');
  return ceases ? { bases: [what], words: [...ceasing] } : undefined;
}

/** `meatless`. */
function lackOf(what: string, word: string): Denial {
  return { bases: [stemOf(what)], words: [stemOf(word)] };
}
