import { stemOf } from '../text/stem.ts';
import { isStopWord } from '../text/stop-words.ts';

const prepositions: ReadonlySet<string> = new Set(
  'from to into onto than before after over under by for with without against of in on at through via towards toward until'.split(
    ' ',
  ),
);
/** Those that say which part a thing has: who changes places with them means something else. */
const telling: ReadonlySet<string> = new Set('from to into than before after over under against until via'.split(' '));
const articles: ReadonlySet<string> = new Set('a an the my your his her its our their this that'.split(' '));
const joining: ReadonlySet<string> = new Set(['and', 'or', 'vs', 'versus', 'nor']);

const beForms: ReadonlySet<string> = new Set('is are was were be been being get got gets'.split(' '));

/** The content words of a text in their order, each with the preposition before it. */
export interface Order {
  readonly bare: readonly string[];
  /** preposition and word */
  readonly governed: readonly (readonly [preposition: string, word: string])[];
  /** who does it in `is done by …`: the passive voice puts it last */
  readonly agent?: string | undefined;
  /** all of them, sorted: equal for texts of the same words */
  readonly bag: string;
}

export function orderOf(words: readonly string[]): Order {
  const bare: string[] = [];
  const adverbs: string[] = [];
  const governed: [string, string][] = [];
  let preposition: string | undefined;
  let joins = false;
  for (const word of words) {
    const isJoining = joining.has(word);
    const isPreposition = prepositions.has(word);
    if (isJoining) joins = true;
    else if (isPreposition) preposition = word;
    if (isJoining || isPreposition || articles.has(word)) continue;
    if (isAdverb(word)) adverbs.push(stemOf(word));
    else if (!isStopWord(word)) place(word);
    preposition = undefined;
    joins = false;
  }
  const bag = [...bare, ...adverbs, ...governed.map(([, word]) => word)].sort().join(' ');
  const agent = words.some((word) => beForms.has(word)) ? governed.find(([by]) => by === 'by')?.[1] : undefined;
  return { bare, governed, agent, bag };

  function place(word: string): void {
    if (preposition === undefined) addInOrder(bare, stemOf(word), joins);
    else governed.push([preposition, stemOf(word)]);
  }
}

/** Adverbs stand where they like. */
function isAdverb(word: string): boolean {
  return word.length > 4 && word.endsWith('ly');
}

/** `cats and dogs` is `dogs and cats`. */
function addInOrder(list: string[], word: string, joined: boolean): void {
  const before = list.at(-1);
  if (joined && before !== undefined && word < before) list.splice(-1, 1, word, before);
  else list.push(word);
}

/** Whether words changed parts: from and to, more than and less than, who does and to whom it is done. */
export function differInOrder(a: Order, b: Order): boolean {
  if (changedPlaces(a, b) || changedPlaces(b, a)) return true;
  if (a.bag !== b.bag) return false;
  if (a.agent !== undefined && b.agent === undefined) return differInVoice(a, a.agent, b);
  if (b.agent !== undefined && a.agent === undefined) return differInVoice(b, b.agent, a);
  const both = new Set(a.bare.filter((word) => b.bare.includes(word)));
  const kept = (order: Order) => order.bare.filter((word) => both.has(word)).join(' ');
  return kept(a) !== kept(b);
}

/** `B is done by A` is `A does B`, and not `B does A`. */
function differInVoice(passive: Order, agent: string, active: Order): boolean {
  const patient = passive.bare[0] ?? '';
  return active.bare.includes(agent) && active.bare.indexOf(agent) > active.bare.indexOf(patient);
}

/** A word after `from` here is after `to` there, or two words after one preposition changed places with others. */
function changedPlaces(a: Order, b: Order): boolean {
  return a.governed.some(([preposition, word]) => {
    if (!telling.has(preposition)) return false;
    const there = b.governed.filter(([, other]) => other === word);
    const opposite = preposition === 'from' ? 'to' : preposition === 'before' ? 'after' : undefined;
    if (there.some(([other]) => other === preposition)) return false;
    if (there.some(([other]) => other === opposite)) return true;
    const instead = b.governed.find(([other]) => other === preposition)?.[1];
    return (
      instead !== undefined && instead !== word && b.bag.split(' ').includes(word) && a.bag.split(' ').includes(instead)
    );
  });
}
