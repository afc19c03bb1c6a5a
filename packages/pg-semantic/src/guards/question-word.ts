const kinds = new Map([
  ['who', 'who'],
  ['whom', 'who'],
  ['whose', 'whose'],
  ['when', 'when'],
  ['where', 'where'],
  ['why', 'why'],
  ['how', 'how'],
]);
const measured = /^(?:many|much|long|far|old|often|big|large|tall|high|heavy|fast|soon|late|early|expensive|hot|cold)$/;
const whats = new Map([
  ['time', 'when'],
  ['date', 'when'],
  ['day', 'when'],
  ['place', 'where'],
  ['reason', 'why'],
]);

/** What is asked for: `who`, `when`, `how many`, …; empty when no word tells. */
export function questionWordOf(words: readonly string[]): string {
  const at = words.findIndex((word) => kinds.has(word) || word === 'what' || word === 'which');
  const word = words[at];
  if (word === undefined) return '';
  const after = words[at + 1] ?? '';
  if (word === 'how' && measured.test(after)) return `how ${after}`;
  return kinds.get(word) ?? whats.get(after) ?? 'what';
}

/** Both name what they ask for, and it is not the same. */
export function differInQuestionWord(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}
