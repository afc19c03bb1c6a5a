import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { different, same } from '../test-pairs.ts';
import { type GuardName, guards } from './guards.ts';
import { readingOf } from './reading.ts';

const all = guards();

describe('guards()', () => {
  it.each(different)('%s: never takes "%s" for "%s"', (guard, a, b) => {
    const { fired, veto } = all.inspect(a, b);
    expect(fired).toContain(guard);
    expect(veto).toBeDefined();
  });

  it.each(same)('takes "%s" for "%s"', (a, b) => {
    expect(all.inspect(a, b).fired.filter((guard) => guard !== 'questionWord')).toEqual([]);
  });

  it('reports a question word without a veto', () => {
    expect(all.inspect('Who painted it?', 'When did they paint it?')).toEqual({
      fired: ['questionWord'],
      veto: undefined,
    });
  });

  it.each<GuardName>(['negation', 'antonyms', 'numbers', 'entities', 'wordOrder', 'questionWord'])(
    '%s can be a veto, a signal, or off',
    (name) => {
      const [, a, b] = different.find(([guard]) => guard === name) ?? ['', 'Who painted it?', 'When was it painted?'];
      expect(guards({ [name]: 'veto' }).inspect(a, b).fired).toContain(name);
      expect(guards({ [name]: 'signal' }).inspect(a, b).fired).toContain(name);
      expect(guards({ [name]: 'signal' }).inspect(a, b).veto).not.toBe(name);
      expect(guards({ [name]: 'off' }).inspect(a, b).fired).not.toContain(name);
    },
  );

  it('refuses a setting it does not know', () => {
    // @ts-expect-error 'on' is no setting
    expect(() => guards({ numbers: 'on' })).toThrow(TypeError);
  });

  it('is symmetric, whatever the texts', () => {
    const wording = fc.oneof(
      fc.constantFrom(...different.flatMap(([, a, b]) => [a, b]), ...same.flat()),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(wording, wording, (a, b) => {
        expect(all.inspect(a, b)).toEqual(all.inspect(b, a));
      }),
    );
  });

  it('finds nothing between a text and itself', () => {
    const wording = fc.oneof(
      fc.constantFrom(...different.flatMap(([, a, b]) => [a, b]), ...same.flat()),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(wording, (text) => {
        expect(all.inspect(text, text).fired).toEqual([]);
      }),
    );
  });

  it('reads a long question once for all its candidates', () => {
    const long = 'the invoice of 12 May is not the one for Rome, '.repeat(170);
    const reading = readingOf(long);
    for (let i = 0; i < 100; i += 1) {
      all.inspect(long, `how do I pay ${i}`);
      all.inspect(long, `${i} ${long}`);
      expect(readingOf(long)).toBe(reading);
    }
  });

  it('compares texts of 100 kB', () => {
    const long = 'a quick note about Rome and 12 boxes, '.repeat(2_700);
    expect(all.inspect(long, `${long} not`).fired).toContain('negation');
    expect(all.inspect('a'.repeat(100_000), '2-'.repeat(50_000)).fired).toContain('numbers');
    expect(all.inspect("'".repeat(100_000), '('.repeat(100_000)).fired).toEqual([]);
  });
});
