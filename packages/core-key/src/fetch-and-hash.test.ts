import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { canonicalJson, fetchAndHash } from './index.ts';

const url = 'https://example.com/cat.png';
const at = ['messages[*].content[*].image_url.url'];
const request = (...urls: readonly unknown[]): unknown => ({
  model: 'm',
  messages: [{ content: urls.map((each) => ({ image_url: { url: each } })) }],
});

function serving(pages: Readonly<Record<string, string>>, type = 'image/png') {
  return vi.fn(async (address: string, _init: { readonly signal: AbortSignal }) => {
    const page = pages[address];
    if (page === undefined) return new Response('none', { status: 404 });
    return new Response(page, { headers: { 'content-type': type } });
  });
}

describe('fetchAndHash() puts content in the place of its address', () => {
  test('the content type and the SHA-256, as bytes that no JSON value can spell', async () => {
    const sha256 = new Uint8Array(createHash('sha256').update('cat').digest());
    const normalize = fetchAndHash({ at, fetch: serving({ [url]: 'cat' }) });
    expect(await normalize(request(url))).toEqual(request({ contentType: 'image/png', sha256 }));
  });

  test('the same content under two addresses is one key; other content, or another type, is another', async () => {
    const key = async (address: string, pages: Readonly<Record<string, string>>, type?: string): Promise<string> =>
      canonicalJson(await fetchAndHash({ at, fetch: serving(pages, type) })(request(address)));
    const cat = await key('https://a.example/1', { 'https://a.example/1': 'cat' });
    expect(await key('https://b.example/2', { 'https://b.example/2': 'cat' })).toBe(cat);
    expect(await key('https://a.example/1', { 'https://a.example/1': 'dog' })).not.toBe(cat);
    expect(await key('https://a.example/1', { 'https://a.example/1': 'cat' }, 'text/html')).not.toBe(cat);
  });

  test('the same address several times is one request', async () => {
    const fetch = serving({ [url]: 'cat' });
    await fetchAndHash({ at, fetch })(request(url, url, url));
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test('only strings that are http(s) addresses at the places named are fetched', async () => {
    const fetch = serving({});
    const value = request('data:image/png;base64,AAAA', 'file:///etc/passwd', 7, null, { url });
    const other = { elsewhere: url, messages: [] };
    const normalize = fetchAndHash({ at, fetch });
    expect(await normalize(value)).toBe(value);
    expect(await normalize(other)).toBe(other);
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe('fetchAndHash() leaves an address it cannot read as it is', () => {
  test.each<[string, () => Promise<Response>]>([
    ['a status that is not 2xx', async () => new Response('error page', { status: 500 })],
    ['a failure', () => Promise.reject(new TypeError('fetch failed'))],
    ['too many bytes', async () => new Response('x'.repeat(101))],
    [
      'a body that breaks off',
      async () => new Response(new ReadableStream({ start: (controller) => controller.error(new Error('reset')) })),
    ],
  ])('%s', async (_name, fetch) => {
    const normalize = fetchAndHash({ at, fetch, maxBytes: 100 });
    expect(await normalize(request(url))).toEqual(request(url));
  });

  test('one of several, while the others are hashed', async () => {
    const other = 'https://example.com/gone.png';
    const [first, second] = [request(url, other), request(other, url)];
    const normalize = fetchAndHash({ at, fetch: serving({ [url]: 'cat' }) });
    expect(canonicalJson(await normalize(first))).toContain(other);
    expect(canonicalJson(await normalize(first))).not.toContain(url);
    expect(canonicalJson(await normalize(second))).toMatch(/gone\.png.*bytes:/);
  });

  test('an answer that never comes, even from a fetch that does not mind its signal', async () => {
    const fetch = vi.fn(
      (_url: string, _init: { readonly signal: AbortSignal }) => new Promise<Response>(() => undefined),
    );
    expect(await fetchAndHash({ at, fetch, deadlineMs: 1 })(request(url))).toEqual(request(url));
    expect(fetch.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  test('a body that never ends', async () => {
    const fetch = async (): Promise<Response> =>
      new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    expect(await fetchAndHash({ at, fetch, deadlineMs: 1 })(request(url))).toEqual(request(url));
  });
});

test('fetchAndHash() refuses a senseless bound and a path it cannot read, at construction', () => {
  expect(() => fetchAndHash({ at, deadlineMs: 0 })).toThrow(/`deadlineMs` must be a positive number/);
  expect(() => fetchAndHash({ at, maxBytes: Number.NaN })).toThrow(/`maxBytes` must be a positive number/);
  expect(() => fetchAndHash({ at: ['a..b'] })).toThrow(/is not a path/);
});
