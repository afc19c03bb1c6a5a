const negating = /^(?:(?:un|non|dis|mis|anti)(?=.{3})|(?:in|im|il|ir|de)(?=.{4}))(.+)$/;
/** `a` begins too many words. */
const negatingA = /^a(.{6,})$/;
const opposed = new Map<string, string>(
  (
    [
      ['over', 'under'],
      ['hyper', 'hypo'],
      ['pre', 'post'],
      ['in', 'ex'],
      ['im', 'ex'],
      ['up', 'down'],
      ['a', 'de'],
      ['en', 'de'],
      ['inter', 'intra'],
      ['macro', 'micro'],
    ] as const
  ).flatMap(([one, other]) => [[one, other] as const, [other, one] as const]),
);
const opposing = /^(over|under|hyper|hypo|pre|post|in|im|ex|up|down|a|de|en|inter|intra|macro|micro)(.{2,})$/;

/** A word, and what it would be the opposite of by its prefix: `unlock` of `lock`, `overcharge` of `undercharge`. */
export type Reversal = readonly [word: string, opposite: string];

/** Whether there are such words tells only the other text: `uncle` is not opposed to anything there. */
export function reversalsOf(stems: Iterable<string>): Reversal[] {
  const found: Reversal[] = [];
  for (const stem of stems) {
    const rest = negating.exec(stem)?.[1] ?? negatingA.exec(stem)?.[1];
    if (rest !== undefined && stem !== 'unless') found.push([stem, rest]);
    const [, prefix = '', root = ''] = opposing.exec(stem) ?? [];
    const other = opposed.get(prefix);
    if (other !== undefined) found.push([stem, `${other}${root}`]);
  }
  return found;
}
