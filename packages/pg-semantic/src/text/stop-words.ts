/** English words that say little about what is asked. No word of a guard is among them: negations, numbers, opposites. */
const stopWords: ReadonlySet<string> = new Set(
  `a an the this that these those some any
  i me my mine myself we us our ours you your yours he him his she her hers it its they them their theirs one
  am is are was were be been being do does did doing have has had having
  can could will would shall should may might must
  and or but so as at by for of in on to from with about into onto than then if
  please just really very also too there here now ok okay hi hey hello thanks thank
  who whom whose what which when where why how
  want wanna like need let tell know think going get`.split(/\s+/),
);

export function isStopWord(word: string): boolean {
  return stopWords.has(word);
}
