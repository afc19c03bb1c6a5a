import { stemOf } from '../text/stem.ts';
import { differInOneName, type Hinted } from './aligned.ts';
import { lacksEntityOf } from './entities.ts';
import { differInNegation } from './negation.ts';
import { haveOpposites } from './opposites.ts';
import { differInNumbers } from './quantity.ts';
import { differInQuestionWord } from './question-word.ts';
import { type Reading, readingOf } from './reading.ts';
import { differInOrder } from './word-order.ts';

/** What a guard watches. */
export type GuardName = 'negation' | 'antonyms' | 'numbers' | 'entities' | 'wordOrder' | 'questionWord';

/** `veto`: the stored answer is never served. `signal`: reported only. `off`: not looked at. */
export type GuardSetting = 'veto' | 'signal' | 'off';

export interface GuardOptions {
  /** One text denies what the other says. @default 'veto' */
  readonly negation?: GuardSetting;
  /** A word against its opposite: enable and disable, log in and log out. @default 'veto' */
  readonly antonyms?: GuardSetting;
  /** Numbers, amounts, measures, times, dates, versions. @default 'veto' */
  readonly numbers?: GuardSetting;
  /** Names, identifiers, addresses, flags, and words in other than Latin letters. @default 'veto' */
  readonly entities?: GuardSetting;
  /** The same words in other parts: from Paris to Rome and from Rome to Paris. @default 'veto' */
  readonly wordOrder?: GuardSetting;
  /** Who against when, how many against how long. @default 'signal' */
  readonly questionWord?: GuardSetting;
}

export interface Inspection {
  /** guards that found a difference, in a fixed order; those that are off never do */
  readonly fired: readonly GuardName[];
  /** the first of them that is a veto */
  readonly veto?: GuardName | undefined;
}

export interface Guards {
  readonly settings: Readonly<Record<GuardName, GuardSetting>>;
  /** Compares a question with a stored wording. Symmetric; never throws. */
  inspect(query: string, stored: string): Inspection;
}

const checks: Readonly<Record<GuardName, (a: Reading, b: Reading) => boolean>> = {
  negation: differInNegation,
  antonyms: haveOpposites,
  numbers: (a, b) => differInNumbers(a.quantities, b.quantities),
  entities: (a, b) =>
    lacksEntityOf(a.entities, b) || lacksEntityOf(b.entities, a) || differInOneName(hintsOf(a), hintsOf(b)),
  wordOrder: (a, b) => differInOrder(a.order, b.order, (stem) => isNameIn(a, stem) || isNameIn(b, stem)),
  questionWord: (a, b) => differInQuestionWord(a.questionWord, b.questionWord),
};
const names: readonly GuardName[] = ['negation', 'antonyms', 'numbers', 'entities', 'wordOrder', 'questionWord'];

/**
 * Looks for differences that vectors hardly see and that change the answer. English words; numbers, names and code in any language.
 *
 * @throws TypeError for a setting other than `veto`, `signal`, `off`
 */
export function guards({
  negation = 'veto',
  antonyms = 'veto',
  numbers = 'veto',
  entities = 'veto',
  wordOrder = 'veto',
  questionWord = 'signal',
}: GuardOptions = {}): Guards {
  const settings = { negation, antonyms, numbers, entities, wordOrder, questionWord };
  for (const name of names) {
    if (!['veto', 'signal', 'off'].includes(settings[name])) {
      throw new TypeError(`guards: \`${name}\` must be 'veto', 'signal' or 'off', not ${String(settings[name])}.`);
    }
  }
  const watched = names.filter((name) => settings[name] !== 'off');
  return {
    settings,
    inspect(query, stored) {
      const [a, b] = [readingOf(query), readingOf(stored)];
      const fired = watched.filter((name) => checks[name](a, b));
      return { fired, veto: fired.find((name) => settings[name] === 'veto') };
    },
  };
}

function hintsOf({ words, entities }: Reading): Hinted {
  return { words, maybe: entities.maybe };
}

function isNameIn({ entities }: Reading, stem: string): boolean {
  return [...entities.names.keys(), ...entities.compounds].some((name) => stemOf(name) === stem);
}
