import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, omit, pick, UncacheableValueError } from './index.ts';

const request = {
  model: 'gpt-5.6',
  messages: [
    { role: 'system', content: 'be brief', id: 'a' },
    { role: 'user', content: 'hello', id: 'b' },
  ],
  'odd name': { 'a.b': 1, 'c/d': 2, $defs: 3 },
};

describe('pick() keeps only what is named', () => {
  test.each<[string[], unknown]>([
    [['model'], { model: 'gpt-5.6' }],
    [['messages[1].content'], { messages: [{ content: 'hello' }] }],
    [['messages.0.role'], { messages: [{ role: 'system' }] }],
    [['messages[*].role'], { messages: [{ role: 'system' }, { role: 'user' }] }],
    [['messages.*.role', 'model'], { model: 'gpt-5.6', messages: [{ role: 'system' }, { role: 'user' }] }],
    [['/messages/1/id'], { messages: [{ id: 'b' }] }],
    [['/odd name/c~1d'], { 'odd name': { 'c/d': 2 } }],
    [['odd name["a.b"]'], { 'odd name': { 'a.b': 1 } }],
    [['$["odd name"].$defs'], { 'odd name': { $defs: 3 } }],
    [['$.model'], { model: 'gpt-5.6' }],
    [['messages', 'messages[0].id'], { messages: request.messages }],
    [['nowhere.at[0].all'], {}],
    [[], {}],
  ])('%j', (paths, expected) => {
    expect(pick(...paths)(request)).toEqual(expected);
  });

  test('what a path cannot walk into is kept whole, so it still counts', () => {
    expect(pick('model.name')(request)).toEqual({ model: 'gpt-5.6' });
    expect(pick('model')('text')).toBe('text');
  });
});

describe('omit() leaves out what is named', () => {
  test.each<[string[], unknown]>([
    [['messages', 'odd name'], { model: 'gpt-5.6' }],
    [['messages[0]', 'odd name'], { model: 'gpt-5.6', messages: [request.messages[1]] }],
    [['messages[0]', 'messages[1]', 'odd name'], { model: 'gpt-5.6', messages: [] }],
    [['nowhere', 'model.name'], request],
    [[], request],
  ])('%j', (paths, expected) => {
    expect(omit(...paths)(request)).toEqual(expected);
  });

  test('a wildcard reaches every element', () => {
    const result = omit('messages[*].id', '/messages/1/role')(request) as typeof request;
    expect(result.messages).toEqual([{ role: 'system', content: 'be brief' }, { content: 'hello' }]);
  });

  test('the path in an UncacheableValueError names what to leave out', () => {
    const value = { 'odd name': [{ at: new Date(0), x: 1 }] };
    try {
      canonicalJson(value);
      expect.unreachable();
    } catch (error) {
      expect(UncacheableValueError.isInstance(error)).toBe(true);
      expect(canonicalJson(omit((error as UncacheableValueError).path)(value))).toBe('{"odd name":[{"x":1}]}');
    }
  });

  test('pick() and omit() share a value between them: nothing is lost, nothing is in both', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), fc.string(), (value, name) => {
        const path = `[${JSON.stringify(name)}]`;
        const both = { ...(pick(path)(value) as object), ...(omit(path)(value) as object) };
        expect(canonicalJson(both)).toBe(canonicalJson({ ...value }));
      }),
    );
  });
});

test('pick() and omit() leave the value as it was, and keep a member called __proto__', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"b":2}');
  const before = canonicalJson(value);
  expect(canonicalJson(pick('__proto__')(value))).toBe('{"__proto__":{"a":1}}');
  expect(canonicalJson(omit('b')(value))).toBe('{"__proto__":{"a":1}}');
  expect(canonicalJson(value)).toBe(before);
});

test('a value of any depth is no danger', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level++) deep = [deep];
  expect(omit('a.b')({ a: { b: 1, c: deep } })).toEqual({ a: { c: deep } });
});

test.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[]', 'a[-1]', 'a[x]', 'a["]', 'a["\\x"]', 'a[0]b', '/a~2'])(
  '%j is not a path',
  (path) => {
    expect(() => pick(path)).toThrow(TypeError);
    expect(() => omit(path)).toThrow(/is not a path/);
  },
);
