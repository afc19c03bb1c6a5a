import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { credentialOf } from './endpoint.ts';
import { wireFormats } from './index.ts';
import { requestOf } from './test-requests.ts';

const chat = wireFormats['openai-chat'];
const gemini = wireFormats['gemini-generate'];

function endpoint(headers: Record<string, string>, url?: string): unknown {
  return chat.endpointIdentity(requestOf('openai-chat', url === undefined ? { headers } : { headers, url }));
}

describe('the endpoint half of the identity', () => {
  test.each([
    { 'openai-organization': 'org-a' },
    { 'openai-project': 'proj-a' },
    { 'anthropic-version': '2026-10-21' },
    { 'anthropic-beta': 'context-1m' },
    { 'x-header-of-the-future': '1' },
    { 'openai-beta': 'responses=v1' },
  ])('counts the header %o', (headers) => {
    expect(endpoint(headers)).not.toEqual(endpoint({}));
  });

  test('counts every header that is neither transport nor a credential, whatever its value', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^x-app-[a-z]{1,12}$/), fc.stringMatching(/^[a-z0-9]{1,20}$/), (name, value) => {
        expect(endpoint({ [name]: value })).not.toEqual(endpoint({}));
        expect(endpoint({ [name]: value })).not.toEqual(endpoint({ [name]: `${value}x` }));
      }),
    );
  });

  test.each([
    { 'user-agent': 'OpenAI/JS 7.55.0' },
    { 'x-stainless-retry-count': '1' },
    { 'idempotency-key': 'abc' },
    { traceparent: '00-a-b-01' },
    { 'content-length': '123' },
    { accept: 'text/event-stream' },
    { authorization: 'Bearer sk-1' },
    { 'x-api-key': 'sk-1' },
    { 'api-key': 'sk-1' },
    { 'x-goog-api-key': 'sk-1' },
    { 'x-agent-cache-tenant': 'a' },
  ])('does not count the header %o', (headers) => {
    expect(endpoint(headers)).toEqual(endpoint({}));
  });

  test('reads anthropic-beta as a set', () => {
    const messages = wireFormats['anthropic-messages'];
    const withBeta = (beta: string): unknown =>
      messages.endpointIdentity(requestOf('anthropic-messages', { headers: { 'anthropic-beta': beta } }));
    expect(withBeta('b, a,b')).toEqual(withBeta('a,b'));
    expect(withBeta('a')).not.toEqual(withBeta('a,b'));
  });

  test.each([
    'https://api.openai.com:8443/v1/chat/completions',
    'http://api.openai.com/v1/chat/completions',
    'https://api.deepseek.com/v1/chat/completions',
    'https://api.openai.com/v2/chat/completions',
    'https://api.openai.com/v1/chat/completions?api-version=2026-01-01',
  ])('counts origin, path and query: %s', (url) => {
    expect(endpoint({}, url)).not.toEqual(endpoint({}));
  });

  test('does not count the order of query parameters', () => {
    const base = 'https://h.test/v1/chat/completions';
    expect(endpoint({}, `${base}?a=1&b=2`)).toEqual(endpoint({}, `${base}?b=2&a=1`));
    expect(endpoint({}, `${base}?a=1&a=2`)).not.toEqual(endpoint({}, `${base}?a=2&a=1`));
  });

  test("is one for both of Gemini's methods, and another for another model", () => {
    const of = (tail: string): unknown =>
      gemini.endpointIdentity(requestOf('gemini-generate', { url: `https://g.test/v1beta/models/${tail}` }));
    expect(of('m:streamGenerateContent?alt=sse')).toEqual(of('m:generateContent'));
    expect(of('m:generateContent?key=secret')).toEqual(of('m:generateContent'));
    expect(of('n:generateContent')).not.toEqual(of('m:generateContent'));
  });

  test('never contains a credential, wherever the request carries it', () => {
    const url = 'https://me:hunter2@h.test/v1/chat/completions?key=hunter2&api_key=hunter2&api-version=1';
    const headers = { authorization: 'Bearer hunter2', 'x-my-token': 'hunter2', 'cf-aig-authorization': 'hunter2' };
    expect(JSON.stringify(endpoint(headers, url))).not.toContain('hunter2');
  });
});

describe('credentialOf', () => {
  const of = (headers: Record<string, string>, query = ''): string | undefined =>
    credentialOf({ url: new URL(`https://h.test/v1/messages${query}`), headers: new Headers(headers) });

  test('is undefined for a request without a credential', () => {
    expect(of({ 'content-type': 'application/json', 'user-agent': 'x' }, '?beta=true')).toBeUndefined();
  });

  test.each(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cf-aig-authorization', 'cookie'])(
    'tells accounts apart by %s',
    (name) => {
      expect(of({ [name]: 'a' })).toBeDefined();
      expect(of({ [name]: 'a' })).not.toBe(of({ [name]: 'b' }));
    },
  );

  test('tells accounts apart by ?key= and by a user in the URL', () => {
    expect(of({}, '?key=a')).not.toBe(of({}, '?key=b'));
    const user = (name: string): string | undefined =>
      credentialOf({ url: new URL(`https://${name}:p@h.test/v1/messages`), headers: new Headers() });
    expect(user('a')).not.toBe(user('b'));
  });

  test('is the same whatever else the request has', () => {
    expect(of({ authorization: 'a', 'x-request-id': '1' })).toBe(of({ authorization: 'a' }, '?beta=true'));
  });
});
