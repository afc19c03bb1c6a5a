const maxChunk = 1_000;
const maxEnd = 2 * maxChunk;

/**
 * The parts of a text that are embedded, none of them empty: the whole text up to 1,000 characters, else pieces of at most 1,000
 * characters of its first and last 2,000, cut at white space where there is some. A model's time grows with the square of the length,
 * and what lies in the middle of a long text is left to the guards.
 */
export function chunksOf(text: string): string[] {
  const clean = text.replace(/\s+/g, ' ').trim();
  if (clean === '') return [];
  if (clean.length <= maxChunk) return [clean];
  if (clean.length <= 2 * maxEnd) return pieces(clean);
  return [...pieces(clean.slice(0, maxEnd)), ...pieces(clean.slice(-maxEnd))];
}

function pieces(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > maxChunk) {
    const space = rest.lastIndexOf(' ', maxChunk);
    const end = space > maxChunk / 2 ? space : maxChunk;
    found.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  if (rest !== '') found.push(rest);
  return found;
}
