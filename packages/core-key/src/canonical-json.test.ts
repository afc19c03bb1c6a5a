import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, digest, UncacheableValueError } from './index.ts';

function refusal(value: unknown): UncacheableValueError {
  try {
    canonicalJson(value);
  } catch (error) {
    if (UncacheableValueError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** The same JSON value with the members of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value).reverse()) copy[name] = reordered(member);
  return copy;
}

describe('canonicalJson() follows RFC 8785', () => {
  test('section 3.2.2: numbers, strings and literals are written as ECMAScript writes them', () => {
    const input =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(JSON.parse(input))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('section 3.2.3: members are sorted by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(input)))).toHaveLength(7);
    expect(canonicalJson(input)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  test('section 3.2.4: the text is hashed as UTF-8', () => {
    expect(Buffer.from(canonicalJson({ '€': [1e30] }), 'utf8').toString('hex')).toBe('7b22e282ac223a5b31652b33305d7d');
  });

  // Appendix B: IEEE 754 bits and the text they have.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the number with bits %s is written %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  test.each([
    ['NaN', '7fffffffffffffff'],
    ['Infinity', '7ff0000000000000'],
  ])('appendix B: %s is refused', (name, bits) => {
    expect(refusal([Buffer.from(bits, 'hex').readDoubleBE()])).toMatchObject({
      path: '$[0]',
      what: `the number ${name}`,
    });
  });
});

describe('canonicalJson() gives one text per JSON value', () => {
  test('equal values have equal texts, whatever the order of members', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(value) === canonicalJson(reordered(value))));
  });

  test('parsing the text gives the value back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('different values have different texts', () => {
    const small = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        const areEqual = JSON.stringify(reordered(reordered(a))) === JSON.stringify(reordered(reordered(b)));
        if (areEqual) expect(canonicalJson(a)).toBe(canonicalJson(b));
        if (canonicalJson(a) === canonicalJson(b))
          expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
      }),
    );
  });

  test('any string, lone surrogates included, comes back from its text and its text is well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(canonicalJson(text))).toBe(text);
        expect(canonicalJson({ [text]: text }).isWellFormed()).toBe(true);
      }),
    );
    expect(digest('\ud800')).not.toBe(digest('\ufffd'));
    expect(canonicalJson('\ud800')).toBe('"\\ud800"');
    expect(canonicalJson('\\ud800')).toBe('"\\\\ud800"');
  });

  test('every UTF-16 code unit is written as JSON.stringify writes it, in short strings and long ones', () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = String.fromCharCode(unit);
      if (canonicalJson(text) !== JSON.stringify(text)) expect.unreachable(`code unit ${unit}`);
    }
    expect(canonicalJson('"\\\n\u2028'.repeat(20))).toBe(JSON.stringify('"\\\n\u2028'.repeat(20)));
  });

  test('an own __proto__ member counts', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1},"b":1}');
  });

  test('members that are undefined are left out, as in JSON', () => {
    expect(canonicalJson({ a: undefined, b: [{ c: undefined }], d: 1 })).toBe('{"b":[{}],"d":1}');
  });

  test('objects without prototype and objects of another realm are plain', () => {
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
    expect(canonicalJson(runInNewContext('({ b: [1], a: {} })'))).toBe('{"a":{},"b":[1]}');
  });

  test('a value that occurs twice is no cycle', () => {
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
  });
});

describe('canonicalJson() writes bytes as a token that no JSON value can spell', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const token = 'bytes:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';

  test('a Uint8Array, a Buffer, a view and an ArrayBuffer with the same bytes have the same token', () => {
    const views = [bytes, Buffer.from(bytes), Uint8Array.of(0, 1, 2, 3).subarray(1), bytes.slice().buffer];
    for (const view of views) expect(canonicalJson({ a: view })).toBe(`{"a":${token}}`);
  });

  test('the token is not JSON and differs from the string that looks like it', () => {
    expect(() => JSON.parse(canonicalJson(bytes))).toThrow(SyntaxError);
    expect(canonicalJson(token)).not.toBe(canonicalJson(bytes));
  });
});

describe('canonicalJson() bears size and depth', () => {
  test.each([10_000, 100_000])('%i levels of nesting', (levels) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = level % 2 ? { a: value } : [value];
    expect(canonicalJson(value)).toHaveLength(1 + levels + levels * 2 - levels / 2 + levels / 2 + levels);
  });

  test('a string of 10 MB', () => {
    expect(canonicalJson({ text: 'ä'.repeat(5_000_000) })).toHaveLength(5_000_011);
  });

  test('what the fast way leaves to the careful way has the same text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const wrap = (inner: unknown): unknown => Array.from({ length: 70 }).reduce((deep) => [deep], inner);
        expect(canonicalJson(wrap(value))).toBe(`${'['.repeat(70)}${canonicalJson(value)}${']'.repeat(70)}`);
      }),
    );
  });
});

describe('canonicalJson() refuses what has no canonical form, naming the path', () => {
  class Point {
    x = 1;
  }
  const cycle: Record<string, unknown> = { list: [1] };
  (cycle.list as unknown[]).push({ self: cycle });

  test.each<[string, unknown, string, string]>([
    ['a cycle', cycle, '$.list[1].self', 'a cycle'],
    ['a bigint', { a: [1, 2, 3, { b: 1n }] }, '$.a[3].b', 'a bigint'],
    ['a function', { f: () => 1 }, '$.f', 'a function'],
    ['a symbol', [Symbol('s')], '$[0]', 'a symbol'],
    ['a Map', { m: new Map() }, '$.m', 'an instance of Map'],
    ['a Set', { s: new Set() }, '$.s', 'an instance of Set'],
    ['a Date', { at: new Date(0) }, '$.at', 'an instance of Date'],
    ['a RegExp', [/x/], '$[0]', 'an instance of RegExp'],
    ['a class instance', { p: new Point() }, '$.p', 'an instance of Point'],
    ['an object that inherits data', Object.create({ a: 1 }), '$', 'an instance of Object'],
    ['a boxed string', [new String('x')], '$[0]', 'an instance of String'],
    ['a boxed number', [new Number(1)], '$[0]', 'an instance of Number'],
    ['a boxed boolean', [new Boolean(true)], '$[0]', 'an instance of Boolean'],
    ['a Float32Array', { v: new Float32Array(1) }, '$.v', 'an instance of Float32Array'],
    ['an object with its own toJSON', { o: { toJSON: () => 1 } }, '$.o.toJSON', 'a function'],
    ['NaN', { n: Number.NaN }, '$.n', 'the number NaN'],
    ['-Infinity', { n: -Infinity }, '$.n', 'the number -Infinity'],
    ['undefined in an array', { a: [undefined] }, '$.a[0]', 'undefined'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    ['a hole in an array', { a: [1, , 2] }, '$.a[1]', 'a hole in an array'],
    ['undefined itself', undefined, '$', 'undefined'],
    ['a member with an unusual name', { 'a b': { __proto__: null, '"': 1n } }, '$["a b"]["\\""]', 'a bigint'],
  ])('%s', (_name, value, path, what) => {
    expect(refusal(value)).toMatchObject({ code: 'ERR_CORE_KEY_UNCACHEABLE', path, what });
    expect(refusal(value).message).toContain(`${what} at ${path}`);
  });

  test('a getter that throws, keeping its error as the cause', () => {
    const cause = new Error('no');
    const value = {
      a: {
        get b(): never {
          throw cause;
        },
      },
    };
    expect(refusal(value)).toMatchObject({ path: '$.a.b', cause });
  });

  test('a cycle below a large list is found without writing the list over and over', () => {
    const value: Record<string, unknown> = { big: Array.from({ length: 1_000 }, (_, index) => index) };
    value.next = [value, value];
    expect(refusal(value).path).toBe('$.next[0]');
  });
});
