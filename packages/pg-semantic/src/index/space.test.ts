import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameOfColumn, spaceOf, tenantColumn, wordsHashOf } from './space.ts';

const anyText = fc.string({ unit: 'binary' });

test('two tenants never become one, and every name can be stored', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      expect(tenantColumn(one) === tenantColumn(two)).toBe(one === two);
      expect(nameOfColumn(tenantColumn(one))).toBe(one);
      expect(tenantColumn(one).includes('\0')).toBe(false);
      expect(tenantColumn(one).isWellFormed()).toBe(true);
    }),
  );
  for (const [one, two] of [
    ['a\ud800', 'a\ud801'],
    ['\0', '%0000'],
    ['%', '%0025'],
  ] as const) {
    expect(tenantColumn(one)).not.toBe(tenantColumn(two));
  }
});

test('spaces are the same only for the same tenant and scope', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, anyText, (tenant, scope, otherTenant, otherScope) => {
      const [one, two] = [spaceOf({ tenant, scope }), spaceOf({ tenant: otherTenant, scope: otherScope })];
      const isSame = tenant === otherTenant && scope === otherScope;
      expect(Buffer.compare(one.scopeHash, two.scopeHash) === 0).toBe(isSame);
    }),
  );
});

test('a ban does not see case and punctuation, but sees words and their order', () => {
  const same = (one: string, two: string): boolean => Buffer.compare(wordsHashOf(one), wordsHashOf(two)) === 0;
  expect(same('Who is it?', 'who IS it')).toBe(true);
  expect(same('from Rome to Paris', 'from Paris to Rome')).toBe(false);
  expect(same('version 2', 'version 3')).toBe(false);
  expect(same('🙂', '🙃')).toBe(false);
});
