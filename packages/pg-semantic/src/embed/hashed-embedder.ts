import type { Embedder } from '../embedder.ts';
import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';
import { wordsOf } from '../text/words.ts';
import { toUnit } from './unit.ts';

/**
 * Vectors of the words themselves, nothing learned: stems, pairs of stems and the letters within a word, each hashed to a place and a
 * sign. Quick (some hundredths of a millisecond), the same in every process, any language; knows no synonyms.
 *
 * @throws TypeError when `dimensions` is no whole number from 16 to 65,536
 */
export function hashedEmbedder({ dimensions = 512 }: { readonly dimensions?: number } = {}): Embedder {
  if (!Number.isSafeInteger(dimensions) || dimensions < 16 || dimensions > 65_536) {
    throw new TypeError(`hashedEmbedder: \`dimensions\` must be a whole number from 16 to 65536, not ${dimensions}.`);
  }
  return {
    id: `hashed-words@1:${dimensions}`,
    dimensions,
    embed: async (texts) => texts.map((text) => hashedVector(text, dimensions)),
    peek: (text) => hashedVector(text, dimensions),
  };
}

/** The vector of one text, of unit length. */
export function hashedVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const add = (feature: string, weight: number) => {
    const hash = hashOf(feature);
    const place = hash % dimensions;
    const sign = Math.imul(hash, 0x9e3779b1) < 0 ? -1 : 1;
    vector[place] = (vector[place] ?? 0) + sign * weight;
  };
  let before = '';
  for (const word of wordsOf(text)) {
    const stem = stemOf(word);
    const light = isStopWord(word);
    add(`w ${stem}`, light ? 0.25 : 1);
    if (before !== '') add(`b ${before} ${stem}`, 0.3);
    if (!light) addLetters(word, add);
    before = stem;
  }
  return toUnit(vector);
}

function addLetters(word: string, add: (feature: string, weight: number) => void): void {
  const marked = `^${word}$`;
  const weight = 0.6 / Math.sqrt(word.length);
  for (const length of [3, 4]) {
    for (let start = 0; start + length <= marked.length; start += 1) {
      add(`c ${marked.slice(start, start + length)}`, weight);
    }
  }
}

/** FNV-1a with a final mix, so that the low bits are as good as the high ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
