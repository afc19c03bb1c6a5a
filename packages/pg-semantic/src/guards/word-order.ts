import type { Order } from './order.ts';
import { differInPersons } from './persons.ts';

/** Those that say which part a thing has, even when other words were added: who changes places with them means something else. */
const telling: ReadonlySet<string> = new Set('from to into than before after over under against until via'.split(' '));
const opposite = new Map([
  ['from', 'to'],
  ['before', 'after'],
]);
/** What is the same both ways. */
const reciprocal =
  /\b(?:compar|comparison|differenc|between|distanc|mix|combin|talk|chat|meet|shar|relation|relationship|similarity)\b/;

/**
 * Whether words changed parts: from and to, more than and less than, who does and to whom it is done. `isName` tells of stems whether
 * either text has them as names, or as parts of them.
 */
export function differInOrder(a: Order, b: Order, isName: (stem: string) => boolean): boolean {
  if (!areApart(a, b, isName)) return false;
  // A relative clause can be read in two ways.
  return (a.plain === undefined && b.plain === undefined) || areApart(a.plain ?? a, b.plain ?? b, isName);
}

function areApart(a: Order, b: Order, isName: (stem: string) => boolean): boolean {
  if (changedPlaces(a, b) || changedPlaces(b, a)) return true;
  if (a.bag !== b.bag) return false;
  if (a.agent !== undefined && b.agent === undefined) return differInVoice(a, a.agent, b);
  if (b.agent !== undefined && a.agent === undefined) return differInVoice(b, b.agent, a);
  return isOnlyCompared(a, b) || isOnlyCompared(b, a) || swapped(a, b) || differInSequence(a, b, isName);
}

/** `B is done by A` is `A does B`, and not `B does A`. */
function differInVoice(passive: Order, agent: string, active: Order): boolean {
  const patient = active.bare.indexOf(passive.bare[0] ?? '');
  return patient >= 0 && active.bare.indexOf(agent) > patient;
}

/** A word after `from` here is after `to` there, or two words after one preposition changed places with others. */
function changedPlaces(a: Order, b: Order): boolean {
  return a.governed.some(([preposition, word]) => {
    if (!telling.has(preposition)) return false;
    const there = b.governed.filter(([, other]) => other === word);
    if (there.some(([other]) => other === preposition)) return false;
    if (there.some(([other]) => other === opposite.get(preposition))) return true;
    const instead = b.governed.find(([other]) => other === preposition)?.[1];
    if (instead === undefined || instead === word || areCompound(a, b, instead, word)) return false;
    return b.bag.split(' ').includes(word) && a.bag.split(' ').includes(instead);
  });
}

/** Of equal words two changed places: `replace foo with bar`, `replace bar with foo`. */
function swapped(a: Order, b: Order): boolean {
  if (reciprocal.test(a.bag)) return false;
  const [inA, inB] = [partsOf(a), partsOf(b)];
  const moved = [...inA].filter(([word, part]) => inB.has(word) && inB.get(word) !== part);
  return moved.some(([word, part]) =>
    moved.some(
      ([other, otherPart]) => inB.get(word) === otherPart && inB.get(other) === part && !areCompound(a, b, word, other),
    ),
  );
}

/** `the basic plan is cheaper` is another plan than the one that something is cheaper than. */
function isOnlyCompared(a: Order, b: Order): boolean {
  return a.governed.some(
    ([preposition, word]) =>
      preposition === 'than' && !a.bare.includes(word) && b.bare.includes(word) && !isAfterThan(b, word),
  );
}

function isAfterThan({ governed }: Order, word: string): boolean {
  return governed.some(([preposition, other]) => preposition === 'than' && other === word);
}

/** `under metal bars` is `under bars of metal`. */
function areCompound(a: Order, b: Order, one: string, other: string): boolean {
  return [a, b].some(({ compounds }) => compounds.includes(`${one} ${other}`) || compounds.includes(`${other} ${one}`));
}

/** The preposition before each word, empty for none. */
function partsOf({ bare, governed }: Order): Map<string, string> {
  return new Map([
    ...bare.map((word): [string, string] => [word, '']),
    ...governed.map(([by, word]): [string, string] => [word, by]),
  ]);
}

function differInSequence(a: Order, b: Order, isName: (stem: string) => boolean): boolean {
  const both = new Set(a.bare.filter((word) => b.bare.includes(word)));
  const [one, other] = [a, b].map(({ bare }) => bare.filter((word) => both.has(word))) as [string[], string[]];
  if (one.join(' ') === other.join(' ')) return differInPersons(a.persons, b.persons) || differInNegated(a, b);
  const asked = /^who[m]?$|^what$|^which$/;
  // `Who did Ann see` asks for another than `who saw Ann`.
  if (asked.test(a.first) && asked.test(b.first) && a.hasDo !== b.hasDo) return true;
  if (isFixed(a, one) || isFixed(b, other)) return true;
  if (isRotated(one, other) || isRotated(other, one) || turnsNoun(a, b) || turnsNoun(b, a)) return false;
  if (one.length !== 2 || other.length !== 2 || one.some(isName)) return true;
  // `Tea, not coffee`.
  if (a.negated?.[0] !== undefined && a.negated[0] === b.negated?.[0]) return true;
  return a.first === b.first && /^(?:is|are|was|were|do|does|did|can|has|have)$/.test(a.first);
}

/** `From version 2 to version 3`: what follows such a preposition does not move freely, nor do two numbers. */
function isFixed({ governed }: Order, words: readonly string[]): boolean {
  return governed.some(([by]) => by !== 'to' && telling.has(by)) || words.filter((word) => /^\d/.test(word)).length > 1;
}

/** `change email address`, `email address change`. */
function isRotated(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length || one.length < 3) return false;
  return [...one.slice(1), one[0]].join(' ') === other.join(' ');
}

/** `last month's invoices` of `the invoices of last month`: without its preposition a word goes before its noun. */
function turnsNoun({ governed }: Order, { bare }: Order): boolean {
  return governed.some(([by, word]) => (by === 'of' || (by === 'for' && /^\d/.test(word))) && bare.includes(word));
}

/** Something else is denied: `tea, not coffee`. */
function differInNegated(a: Order, b: Order): boolean {
  if (a.negated === undefined || b.negated === undefined || a.negated.length !== b.negated.length) return false;
  return a.negated.join() !== b.negated.join();
}
