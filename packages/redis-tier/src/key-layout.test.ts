import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyLayout } from './key-layout.ts';
import { fromWire, toWire } from './text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '}', '{', '\u0000', '\ud800', '\u0000"\\ud800"'),
);
const namespace = fc.string({ minLength: 1 });

test('a key is found again in the name it is stored under', () => {
  fc.assert(
    fc.property(namespace, anyText, (name, key) => {
      const layout = keyLayout(name);
      expect(layout.keyOf(layout.value(key))).toBe(key);
    }),
  );
});

test('two texts never become one on the way', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      const [first, second] = [one, two].map((text) => Buffer.from(toWire(text))) as [Buffer, Buffer];
      expect(first.equals(second)).toBe(one === two);
      expect(fromWire(first.toString())).toBe(one);
    }),
  );
});

test('nothing stored for one namespace begins like that of another', () => {
  fc.assert(
    fc.property(namespace, namespace, anyText, (one, two, key) => {
      fc.pre(one !== two);
      const { prefix } = keyLayout(one);
      const other = keyLayout(two);
      for (const name of [other.value(key), other.lease(key), other.record(key), other.authority, other.bus]) {
        expect(name.startsWith(prefix)).toBe(false);
      }
    }),
  );
});

test('what belongs to one key has one hash tag that is not empty', () => {
  fc.assert(
    fc.property(namespace, anyText, (name, key) => {
      const layout = keyLayout(name);
      const tags = [layout.value(key), layout.lease(key), layout.fence(key)].map(hashTagOf);
      expect(new Set(tags).size).toBe(1);
      expect(tags[0]).not.toBe('');
    }),
  );
});

function hashTagOf(stored: string): string {
  const open = stored.indexOf('{');
  return stored.slice(open + 1, stored.indexOf('}', open));
}
