/** Words that turn a statement round. `non` comes of `non-refundable`. */
const negators: ReadonlySet<string> = new Set(
  `not no never none nobody nothing nowhere neither nor without non except excluding avoid avoids avoiding avoided
  prevent prevents preventing prevented lack lacks lacking unless hardly barely scarcely`.split(/\s+/),
);
/** Only together with the next word. */
const pairs = new Map([
  ...['fail', 'fails', 'failed', 'failing', 'yet', 'refuse', 'refuses', 'refused'].map((word): [string, RegExp] => [
    word,
    /^to$/,
  ]),
  ...['all', 'everything', 'everyone', 'everybody', 'anything'].map((word): [string, RegExp] => [word, /^but$/]),
]);
const all = /^(?:all|every|everyone|everybody|everything)$/;
const questionWords = /^(?:how|what|where|which|when|who|whom|why|if|whether)$/;
const knowing = /^(?:sure|certain|know|understand|remember|clear|aware)$/;

/** How much the word at a place turns round what is said: 2 for half a denial, which is neither a yes nor a no. */
export function negationAt(words: readonly string[], at: number): 0 | 1 | 2 {
  const word = words[at] ?? '';
  if (word === 'not') return weightOfNot(words, at);
  if (negators.has(word)) return 1;
  // `Everything, but not this` has its `not`.
  return pairs.get(word)?.test(words[at + 1] ?? '') === true && words[at + 2] !== 'not' ? 1 : 0;
}

/** Nothing for `or not`, `not only … but`, `not just`, and `not sure how`, which only leads to the question. */
function weightOfNot(words: readonly string[], at: number): 0 | 1 | 2 {
  const after = words[at + 1] ?? '';
  if (words[at - 1] === 'or' || after === 'just') return 0;
  if (after === 'only') return words.includes('but', at) ? 0 : 2;
  if (all.test(after)) return 2;
  return knowing.test(after) && questionWords.test(words[at + 2] ?? '') ? 0 : 1;
}

/** How often `no` answers something that was said before, or only comforts. */
export function interjectionsIn(text: string): number {
  return (
    text.match(/(?:^|[.!?]) ?no(?:,| (?:that|this|it|i|you|we|thanks?)\b)|\bno (?:problem|worries|doubt)\b/g)?.length ??
    0
  );
}
