/** Numbers with their sign, letters, and signs of money and shares: what quantities are read from. */
const pattern = /[$€£¥₹]|%|(?:(?<![^\s(])-)?\p{Nd}+(?:[.,:/-]\p{Nd}+)*|[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*/gu;
const marked = /[\p{Nd}$€£¥₹%]/u;
const isoDate = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** The tokens of a text, and which of them follow the one before without a space. */
export interface Tokens {
  readonly texts: readonly string[];
  readonly glued: readonly boolean[];
}

/** Given a text in lower case and its words: where no digit is these are the tokens. */
export function tokensOf(text: string, words: readonly string[]): Tokens {
  if (!marked.test(text)) return { texts: words, glued: [] };
  const texts: string[] = [];
  const glued: boolean[] = [];
  let last = -1;
  for (const { 0: token, index } of text.matchAll(pattern)) {
    const parts = partsOf(token);
    for (const [i, part] of parts.entries()) {
      texts.push(part);
      glued.push(i === 0 && index === last);
    }
    last = index + token.length;
  }
  return { texts, glued };
}

/** `5-10` are two numbers, `2024-03-05` is one date; `month's` is a month. */
function partsOf(token: string): string[] {
  if (token.endsWith("'s")) return [token.slice(0, -2)];
  if (!token.includes('-', 1) || isoDate.test(token)) return [token];
  const [first = '', ...others] = token.slice(1).split('-');
  return [`${token[0] ?? ''}${first}`, ...others];
}

const operator = /(?<=\p{Nd}) {0,3}([-+*×÷^x]) {0,3}(?=-?\p{Nd})/gu;

/** What is between two numbers: `+` in `2 + 2`. */
export function operatorsOf(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, sign = ''] of text.matchAll(operator)) found.add(sign === 'x' || sign === '×' ? '*' : sign);
  return found;
}
