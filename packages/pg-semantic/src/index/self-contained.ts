/** Words that point at something outside the question. */
const pointing: ReadonlySet<string> = wordSet(
  `it its this these those they them their theirs he him his she her hers one ones same former latter above below previous earlier
  another else again instead`,
);
/** How a question begins that goes on with an earlier one. */
const continuing: ReadonlySet<string> = wordSet(
  'and but or so then also that there not ok okay yes no sure more continue go',
);
const small: ReadonlySet<string> = wordSet(
  `a an the i you we me my your our us am is are was were be been do does did can could will would shall should may might must have has
  had to of in on at by for from with about into than if as what which who whom whose when where why how please tell give show want need
  like know let and but or so then also that there not very just too any some`,
);

/**
 * Whether a question can be understood without what was said before it: it does not begin as a continuation ("And in Italy?", "What about …"), points
 * at nothing outside ("How old is it?"), and has more than three words that carry meaning. Strict, because a wrong yes can become a wrong
 * answer: "What is the capital of France?" is too short for a yes in the middle of a conversation, and needs none at its beginning.
 * English; a question without a single small English word is said no to.
 */
export function isSelfContained(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]*/gu) ?? [];
  const [first = '', second = ''] = words;
  const goesOn =
    /^\s*[^\p{L}\p{N}"'“‘(¿¡]/u.test(text) ||
    continuing.has(first) ||
    (/^(what|how)$/.test(first) && second === 'about');
  if (goesOn || words.some((word) => pointing.has(word))) return false;
  const own = new Set(words.filter((word) => !small.has(word)));
  return own.size > 3 && words.some((word) => small.has(word));
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}
