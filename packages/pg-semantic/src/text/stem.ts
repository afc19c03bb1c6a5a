const irregular = new Map(
  `men man,women woman,children child,people person,feet foot,mice mouse,lives life,wives wife,knives knife,
  went go,gone go,bought buy,sold sell,paid pay,sent send,got get,made make,took take,taken take,gave give,given give,
  lost lose,found find,won win,ran run,ate eat,eaten eat,spent spend,left leave,began begin,begun begin,wrote write,written write,
  said say,told tell,thought think,kept keep,held hold,bring bring,brought bring,flew fly,flown fly,drove drive,driven drive,
  forgot forget,forgotten forget,broke break,broken break,stole steal,stolen steal,chose choose,chosen choose,
  dying die,lying lie,tying tie,using use,used use`
    .split(/,\s*/)
    .map((pair): [string, string] => pair.split(' ') as [string, string]),
);
const vowel = /[aeiouy]/;

/**
 * The word without its English inflection, for comparing words only: plurals, -ed, -ing and -ly go, doubled consonants and a final e
 * with them. Words that are not lower-case English letters stay as they are.
 */
export function stemOf(word: string): string {
  const known = kept.get(word);
  if (known !== undefined) return known;
  const stem = irregular.get(word) ?? stemmed(word);
  if (kept.size >= maxKept) kept.clear();
  if (word.length <= maxKeptLength) kept.set(word, stem);
  return stem;
}

/** A language has a few thousand words that are used every day: each is worked out once. */
const kept = new Map<string, string>();
const maxKept = 10_000;
const maxKeptLength = 30;

function stemmed(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  return withoutFinalE(withoutVerbEnding(withoutPlural(word)));
}

function withoutPlural(word: string): string {
  if (!word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word;
  if (/(?:sses|shes|ches|xes|zes)$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
  return word.slice(0, -1);
}

function withoutVerbEnding(word: string): string {
  const root = /^(.{2,}?)(?:ing|ed|ly)$/.exec(word)?.[1];
  if (root === undefined || !vowel.test(root) || word.endsWith('eed')) return word;
  if (word.endsWith('ied')) return `${word.slice(0, -3)}y`;
  return /([^aeiouylsz])\1$/.test(root) ? root.slice(0, -1) : root;
}

function withoutFinalE(word: string): string {
  return word.length > 3 && word.endsWith('e') ? word.slice(0, -1) : word;
}
