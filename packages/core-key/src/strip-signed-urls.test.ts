import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, stripSignedUrls, UncacheableValueError } from './index.ts';

const hex = 'ab'.repeat(32);
const file = 'https://bucket.example.com/a/b.png';

const s3v4 = (date = '20261121T070000Z', signature = hex): string =>
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-west-1%2Fs3%2Faws4_request' +
  `&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-Security-Token=IQoJb3%2B%2F%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
const gcsv4 =
  'X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=robot%40p.iam.gserviceaccount.com%2F20261121%2Fauto%2Fstorage%2Fgoog4_request' +
  `&X-Goog-Date=20261121T070000Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=${hex}`;
const azureService =
  'sp=r&st=2026-11-21T07:00:00Z&se=2026-11-21T15%3A00%3A00Z&spr=https&sv=2025-11-05&sr=b&sig=abc%2Bdef%3D';
const azureDelegation = `skoid=1b2c&sktid=3d4e&skt=2026-11-21T07:00:00Z&ske=2026-11-22T07:00:00Z&sks=b&skv=2025-11-05&${azureService}`;
const azureAccount = 'sv=2025-11-05&ss=b&srt=o&sp=r&se=2026-11-21T15:00:00Z&sip=10.0.0.1-10.0.0.9&sig=abc%3D';

describe('stripSignedUrls() takes the signature out, and only it', () => {
  test.each([
    ['Amazon S3, version 4', s3v4()],
    [
      'Amazon S3, version 2',
      'AWSAccessKeyId=AKIDEXAMPLE&Expires=1795000000&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D',
    ],
    ['Google Cloud Storage, version 4', gcsv4],
    [
      'Google Cloud Storage, version 2',
      'GoogleAccessId=robot@p.iam.gserviceaccount.com&Expires=1795000000&Signature=ab%2Bc%3D',
    ],
    ['Azure, service', azureService],
    ['Azure, user delegation', azureDelegation],
    ['Azure, account', azureAccount],
    [
      'CloudFront, canned policy',
      'Expires=1795000000&Signature=nitfHRCrtziwO2HwPfWw~yYDhUF5EwRunQA-j19DzZr__&Key-Pair-Id=K2JCJMDEHXQW5F',
    ],
    ['CloudFront, custom policy', 'Policy=eyANCiAgIC~JTdGF0ZW1lb__&Signature=nitf-HRC~__&Key-Pair-Id=K2JCJMDEHXQW5F'],
  ])('%s', (_name, signature) => {
    expect(stripSignedUrls(`${file}?${signature}`)).toBe(file);
    expect(stripSignedUrls(`${file}?version=2&${signature}&response-content-type=image%2Fpng#page`)).toBe(
      `${file}?version=2&response-content-type=image%2Fpng#page`,
    );
  });

  test('the same file signed twice is one value, two files are two', () => {
    const at = (path: string, date: string, signature: string): unknown =>
      stripSignedUrls({ messages: [{ image_url: { url: `https://b.example/${path}?${s3v4(date, signature)}` } }] });
    const first = at('1.png', '20261121T070000Z', hex);
    expect(canonicalJson(first)).toBe(canonicalJson(at('1.png', '20261122T080000Z', 'cd'.repeat(32))));
    expect(canonicalJson(first)).not.toBe(canonicalJson(at('2.png', '20261121T070000Z', hex)));
  });

  test('URLs within text, with all the text around them', () => {
    const url = `${file}?${s3v4()}`;
    expect(stripSignedUrls(`See ![picture](${url}), or <${url}>; "${url}". Or ${url}?\nNext: ${url}`)).toBe(
      `See ![picture](${file}), or <${file}>; "${file}". Or ${file}?\nNext: ${file}`,
    );
  });
});

describe('stripSignedUrls() leaves alone what is not a signature', () => {
  test.each([
    `${file}?Expires=1&Signature=abc`,
    `${file}?X-Amz-Signature=${hex}`,
    `${file}?sv=2025-11-05&sp=r`,
    `${file}?sig=abc&sv=song&sr=b`,
    `${file}?id=1&metadata=2`,
    `${file}?${s3v4()},https://other.example/`,
    `${file}?${s3v4()},and-more-text`,
    `${file}?${s3v4().replaceAll('&', '&amp;')}`,
    'no address at all: X-Amz-Signature=abc&X-Amz-Credential=b&X-Amz-Date=c',
    'https://',
    '',
  ])('%j', (text) => {
    expect(stripSignedUrls(text)).toBe(text);
  });

  test('a value without signed URLs is given back as it is, names of members untouched', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => stripSignedUrls(value) === value));
    const value = { [`${file}?${s3v4()}`]: [1, null, Uint8Array.of(1)] };
    expect(stripSignedUrls(value)).toBe(value);
  });

  test('any words around a signed URL that white space parts from it stay', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        fc.pre(!`${before}${after}`.includes('://'));
        expect(stripSignedUrls(`${before} ${file}?${s3v4()} ${after}`)).toBe(`${before} ${file} ${after}`);
      }),
    );
  });
});

describe('stripSignedUrls() bears every value', () => {
  const signed = `${file}?${s3v4()}`;

  test('10,000 levels, and nothing of the original is changed', () => {
    let deep: unknown = signed;
    let plain: unknown = file;
    for (let level = 0; level < 10_000; level++) {
      deep = level % 2 ? { a: deep } : [deep];
      plain = level % 2 ? { a: plain } : [plain];
    }
    const before = canonicalJson(deep);
    expect(canonicalJson(stripSignedUrls(deep))).toBe(canonicalJson(plain));
    expect(canonicalJson(deep)).toBe(before);
  });

  test('a cycle stays one, for the key to refuse', () => {
    const cycle: Record<string, unknown> = { url: signed };
    cycle.self = cycle;
    expect(() => canonicalJson(stripSignedUrls(cycle))).toThrow(UncacheableValueError);
  });

  test('a member called __proto__, bytes, and objects of classes', () => {
    const value = JSON.parse(`{"__proto__":{"u":"${signed}"},"b":1}`);
    expect(canonicalJson(stripSignedUrls(value))).toBe(`{"__proto__":{"u":"${file}"},"b":1}`);
    const bytes = Uint8Array.of(1);
    expect(stripSignedUrls([signed, bytes])).toEqual([file, bytes]);
  });

  test('a megabyte of beginnings of URLs takes time in proportion', () => {
    for (const piece of ['http://', 'https://a?', 'http://a.', '?&=', '....']) {
      const text = piece.repeat(1_000_000 / piece.length);
      expect(stripSignedUrls(text)).toBe(text);
    }
  });
});
