/** Written as people type them, apostrophe or not; only forms that are no other word ("were", "well", "its" stay as they are). */
const whole = new Map([
  ["can't", 'can not'],
  ['cant', 'can not'],
  ['cannot', 'can not'],
  ["won't", 'will not'],
  ['wont', 'will not'],
  ["shan't", 'shall not'],
  ["ain't", 'is not'],
  ['aint', 'is not'],
  ["let's", 'let us'],
  ['im', 'i am'],
  ['ive', 'i have'],
  ['youre', 'you are'],
  ['theyre', 'they are'],
  ['whats', 'what is'],
  ['hows', 'how is'],
  ['wheres', 'where is'],
  ['whos', 'who is'],
  ['thats', 'that is'],
  ['theres', 'there is'],
  ['gonna', 'going to'],
  ['wanna', 'want to'],
]);
const withoutApostrophe = /^(do|does|did|is|are|was|were|has|have|had|would|could|should|must|might|need)nt$/;
const pronounOrQuestionWord =
  /^(?:i|you|he|she|it|we|they|who|what|where|when|why|how|that|this|there|here|everything|something|nothing)$/;
const endings = new Map([
  ['m', 'am'],
  ['re', 'are'],
  ['ve', 'have'],
  ['ll', 'will'],
  ['d', 'would'],
]);

/** Whether it is worth asking `expandContraction`: most words are no contraction, and every text is full of words. */
export function mayContract(word: string): boolean {
  return word.includes("'") || word.endsWith('nt') || whole.has(word);
}

/** One lower-case word, straight apostrophes, as the words it stands for: `don't` is `do not`, a possessive loses its ending. */
export function expandContraction(word: string): readonly string[] {
  const known = whole.get(word);
  if (known !== undefined) return known.split(' ');
  const bare = withoutApostrophe.exec(word)?.[1];
  if (bare !== undefined) return [bare, 'not'];
  const apostrophe = word.lastIndexOf("'");
  if (apostrophe < 1) return [word];
  if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
  const head = word.slice(0, apostrophe);
  const ending = word.slice(apostrophe + 1);
  if (ending === 's' || ending === '')
    return ending === 's' && pronounOrQuestionWord.test(head) ? [head, 'is'] : [head];
  const verb = endings.get(ending);
  return verb === undefined ? [word] : [head, verb];
}
