/** Streams of real questions for the simulation: which answer is right for a question is known, which ones come when is drawn. */
import { seeded } from '@agent-cache/testkit/random';
import { readRecords } from '../test-questions.ts';

export interface Asked {
  readonly text: string;
  /** questions of one group have one answer */
  readonly group: string;
}

export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const held = mixed[i] as T;
    mixed[i] = mixed[j] as T;
    mixed[j] = held;
  }
  return mixed;
}

/** Questions to assistants of 150 intents; each question out of scope is a group of its own. */
export function clincQuestions(folder: string): Asked[] {
  const records = readRecords<{ id: string; text: string; intent: string }>(folder, 'clinc150.jsonl');
  return records.map(({ id, text, intent }) => ({ text, group: intent === 'oos' ? id : intent }));
}

/**
 * Pairs of questions of a public site, made groups: those called the same by the pairs' labels, transitively. A component is what any
 * pair connects, the near misses included, so a stream of whole components has both.
 */
export function qqpComponents(folder: string, atLeast: number): Asked[][] {
  const pairs = readRecords<{ a: string; b: string; label: number }>(folder, 'qqp-dev.jsonl');
  const same = new Map<string, string>();
  const near = new Map<string, string>();
  for (const { a, b, label } of pairs) {
    join(near, a, b);
    if (label === 1) join(same, a, b);
  }
  const components = Map.groupBy(new Set(pairs.flatMap(({ a, b }) => [a, b])), (text) => rootOf(near, text));
  const chosen: Asked[][] = [];
  let count = 0;
  for (const texts of shuffled([...components.values()], seeded(1))) {
    if (count >= atLeast) break;
    chosen.push(texts.map((text) => ({ text, group: rootOf(same, text) })));
    count += texts.length;
  }
  return chosen;
}

function rootOf(parents: Map<string, string>, text: string): string {
  const parent = parents.get(text);
  if (parent === undefined || parent === text) return text;
  const root = rootOf(parents, parent);
  parents.set(text, root);
  return root;
}

function join(parents: Map<string, string>, a: string, b: string): void {
  parents.set(rootOf(parents, a), rootOf(parents, b));
}

/** The two halves of the intents, out-of-scope questions shared out as well: what is fitted on one is tested on the other. */
export function clincHalves(asked: readonly Asked[]): readonly [ReadonlySet<string>, ReadonlySet<string>] {
  const groups = shuffled([...new Set(asked.map(({ group }) => group))].sort(), seeded(7));
  const intents = groups.filter((group) => !group.startsWith('clinc-'));
  const others = groups.filter((group) => group.startsWith('clinc-'));
  const half = (list: readonly string[], second: boolean) => list.filter((_, i) => i >= list.length / 2 === second);
  return [
    new Set([...half(intents, false), ...half(others, false)]),
    new Set([...half(intents, true), ...half(others, true)]),
  ];
}

/** `count` questions of the groups, in a drawn order. */
export function drawClinc(
  asked: readonly Asked[],
  groups: ReadonlySet<string>,
  count: number,
  seed: number,
): readonly number[] {
  const own = asked.flatMap(({ group }, i) => (groups.has(group) ? [i] : []));
  return shuffled(own, seeded(seed)).slice(0, count);
}

/** Whole components, about `count` questions, in a drawn order. */
export function drawQqp(components: readonly (readonly Asked[])[], count: number, seed: number): readonly Asked[] {
  const chosen: Asked[] = [];
  for (const component of shuffled(components, seeded(seed))) {
    if (chosen.length >= count) break;
    chosen.push(...component);
  }
  return shuffled(chosen, seeded(seed + 1)).slice(0, count);
}
