const persons = new Map(
  Object.entries({ i: 1, me: 1, my: 1, mine: 1, we: 1, us: 1, our: 1, ours: 1, you: 2, your: 2, yours: 2 }),
);
for (const [i, words] of ['he him his', 'she her hers', 'they them their theirs'].entries()) {
  for (const word of words.split(' ')) persons.set(word, 3 + i);
}

/** The persons a text speaks of, in their order: `12` of `can I pay you`. */
export function personsOf(words: readonly string[]): string {
  let found = '';
  for (const word of words) found += persons.get(word) ?? '';
  return found;
}

/** The same persons in other parts: `can you pay me`. */
export function differInPersons(a: string, b: string): boolean {
  return a !== b && a.length === b.length && [...a].sort().join('') === [...b].sort().join('');
}
