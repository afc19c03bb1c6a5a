import { canonicalJson } from '@agent-cache/core-key';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBody } from './parse-body.ts';

const keyOf = (text: string): string => canonicalJson(parseBody(text));

describe('parseBody', () => {
  test('reads what a JavaScript client writes as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        expect(parseBody(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    ['12345678901234567890', '12345678901234567891'],
    ['9007199254740993', '9007199254740992'],
    ['0.1', '0.1000000000000000055'],
    ['1', '1.0'],
    ['0', '-0'],
    ['1e400', '1e500'],
    ['100000', '1e5'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(keyOf(`{"a":[{"b":${a}}]}`)).not.toBe(keyOf(`{"a":[{"b":${b}}]}`));
  });

  test('keeps a number apart from an object that spells it', () => {
    expect(parseBody('{"a":{"rawJSON":"1.0"}}')).toBeUndefined();
    expect(parseBody('{"a":{"rawJSON":"one"}}')).toEqual({ a: { rawJSON: 'one' } });
  });

  test('gives back the digits of every number when it is written again', () => {
    const text = '{"seed":12345678901234567890,"t":1.0,"big":1e400,"s":"1.0 \\" 12345678901234567890"}';
    expect(JSON.stringify(parseBody(text))).toBe(text);
  });

  test('does not care for white space or the order of fields', () => {
    expect(keyOf('{ "a": 1,\n "b": [ 2, 3 ] }')).toBe(keyOf('{"b":[2,3],"a":1}'));
  });

  test.each(['{"a":1,"a":2}', '{"x":[{"a":1,"b":{"a":1,"\\u0061":2}}]}', '{"a":{"b":1},"a":{"b":1}}'])(
    'refuses a field stated twice: %s',
    (text) => expect(parseBody(text)).toBeUndefined(),
  );

  test.each(['', '[]', '"text"', '1', 'null', '{"a":', 'data: {}'])('refuses what is no JSON object: %s', (text) => {
    expect(parseBody(text)).toBeUndefined();
  });

  test('reads colons, quotes and backslashes inside strings as text', () => {
    const value = { 'a:"b\\': 'c:\\"d\\\\', e: '\\', f: ['\\\\"', '": 1.0'] };
    expect(parseBody(JSON.stringify(value))).toEqual(value);
  });

  test('a field called __proto__ is a field like any other', () => {
    expect(keyOf('{"__proto__":{"a":1}}')).not.toBe(keyOf('{}'));
    expect(keyOf('{"__proto__":{"a":1.0}}')).not.toBe(keyOf('{"__proto__":{"a":1}}'));
  });
});
