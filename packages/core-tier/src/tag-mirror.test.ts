import { expect, test } from 'vitest';
import { TagMirror } from './tag-mirror.ts';

const at = (sequence: number, generation = 'g'): { generation: string; sequence: number } => ({ generation, sequence });

function mirrorAt(sequence: number, alone = false): TagMirror {
  const mirror = new TagMirror('@namespace:n', alone);
  mirror.adopt(at(sequence));
  return mirror;
}

test('what was computed before a bump of one of its tags is dead, what was computed after is alive', () => {
  const mirror = mirrorAt(0);
  mirror.bumped(['t'], at(1));
  expect(mirror.judge(at(0), ['x', 't'])).toBe('dead');
  expect(mirror.judge(at(0), ['x'])).toBe('alive');
  expect(mirror.judge(at(1), ['t'])).toBe('alive');
});

test('a bump of the namespace kills everything before it', () => {
  const mirror = mirrorAt(0);
  mirror.bumped(['@namespace:n'], at(1));
  expect([mirror.judge(at(0), undefined), mirror.judge(at(1), undefined)]).toEqual(['dead', 'alive']);
});

test('bumps may come in any order and more than once', () => {
  const mirror = mirrorAt(0);
  mirror.bumped(['t'], at(3));
  mirror.bumped(['t'], at(1));
  mirror.bumped(['t'], at(3));
  expect([mirror.judge(at(2), ['t']), mirror.judge(at(3), ['t'])]).toEqual(['dead', 'alive']);
  expect(mirror.hasGap).toBe(true);
  mirror.learned(new Map(), 0, 3);
  expect(mirror.hasGap).toBe(false);
});

test('below the place where it began a mirror knows nothing until it is told', () => {
  const mirror = mirrorAt(10);
  expect(mirror.judge(at(4), ['t'])).toBe('unknown');
  mirror.learned(new Map([['t', 7]]), 4, 10);
  expect([mirror.judge(at(4), ['t']), mirror.judge(at(4), ['u']), mirror.judge(at(7), ['t'])]).toEqual([
    'dead',
    'alive',
    'alive',
  ]);
});

test('another generation is dead, tagged or not', () => {
  const mirror = mirrorAt(0);
  expect([mirror.judge(at(5, 'old'), ['t']), mirror.judge(at(5, 'old'), undefined)]).toEqual(['dead', 'dead']);
  mirror.bumped([], at(3, 'new'));
  expect([mirror.judge(at(3, 'new'), ['t']), mirror.judge(at(0), ['t'])]).toEqual(['alive', 'dead']);
});

test('the authority in memory keeps 100,000 tags; what is older than those it let go is dead', () => {
  const mirror = mirrorAt(0, true);
  for (let sequence = 1; sequence <= 100_001; sequence += 1) mirror.bumped([`t${sequence}`], at(sequence));
  expect(mirror.judge(at(0), undefined)).toBe('dead');
  expect(mirror.judge(at(100_001), ['t1'])).toBe('alive');
  expect(mirror.judge(at(100_000), ['t100001'])).toBe('dead');
});
