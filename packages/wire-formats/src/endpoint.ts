import type { WireFormatName, WireRequest } from './wire-format.ts';

/** What the URL and the headers add to the identity of a request. */
export interface EndpointIdentity {
  readonly format: WireFormatName;
  readonly origin: string;
  readonly path: string;
  /** sorted; without credentials */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Headers that cannot change an answer, each with its reason. Every other header counts, known or unknown, unless it carries a
 * credential. A name that ends in `*` stands for all names that begin so.
 */
export const deniedHeaders: ReadonlyMap<string, string> = new Map([
  ['accept', 'every answer here is JSON or an event stream, as the request says elsewhere'],
  ['accept-charset', 'transport'],
  ['accept-encoding', 'transport'],
  ['accept-language', 'no model API reads it; sent by runtimes on their own'],
  ['cache-control', 'about HTTP caches on the way'],
  ['connection', 'transport'],
  ['content-encoding', 'transport'],
  ['content-length', 'transport'],
  ['content-type', 'only JSON bodies get here'],
  ['date', 'transport'],
  ['dnt', 'sent by runtimes on their own'],
  ['expect', 'transport'],
  ['forwarded', 'the way, not the question'],
  ['host', 'is in the URL'],
  ['http-referer', "names the calling app in OpenRouter's rankings"],
  ['idempotency-key', 'new for every call; protects the provider from doing it twice'],
  ['keep-alive', 'transport'],
  ['origin', 'sent by runtimes on their own'],
  ['pragma', 'about HTTP caches on the way'],
  ['priority', 'transport'],
  ['referer', 'sent by runtimes on their own'],
  ['te', 'transport'],
  ['trailer', 'transport'],
  ['transfer-encoding', 'transport'],
  ['upgrade', 'transport'],
  ['user-agent', 'names the client library'],
  ['via', 'the way, not the question'],
  ['x-forwarded-*', 'the way, not the question'],
  ['x-real-ip', 'the way, not the question'],
  ['x-server-timeout', 'how long the caller is ready to wait'],
  ['x-title', "names the calling app in OpenRouter's rankings"],
  ['sec-*', 'sent by runtimes on their own'],
  ['baggage', 'tracing'],
  ['b3', 'tracing'],
  ['sentry-trace', 'tracing'],
  ['traceparent', 'tracing'],
  ['tracestate', 'tracing'],
  ['x-amzn-trace-id', 'tracing'],
  ['x-b3-*', 'tracing'],
  ['x-client-request-id', 'tracing'],
  ['x-cloud-trace-context', 'tracing'],
  ['x-correlation-id', 'tracing'],
  ['x-datadog-*', 'tracing'],
  ['x-ms-client-request-id', 'tracing'],
  ['x-request-id', 'tracing'],
  ['anthropic-dangerous-direct-browser-access', 'permission for browsers to call at all'],
  ['x-goog-api-client', 'names the client library'],
  ['x-ms-useragent', 'names the client library'],
  ['x-stainless-*', 'names the client library, its retries and timeouts'],
  ['x-agent-cache*', 'tells the cache what to do; never sent upstream'],
]);

const deniedPrefixes = [...deniedHeaders.keys()].filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));

// Names under which clients and gateways send keys: `authorization`, `api-key`, `x-api-key`, `x-goog-api-key`, `cf-aig-authorization`,
// `ocp-apim-subscription-key`, `x-amz-security-token`, `cookie`, …
const CREDENTIAL_HEADER = /authorization$|(?:api|access|subscription|secret)-?key$|(?:^|-)token$|^cookie$/;
const CREDENTIAL_PARAMETER = /^(?:key|sig|(?:x-)?api[-_]?key|access[-_]token|token|subscription-key)$/i;

/** Format, origin, path, query and headers, less everything that is transport or a credential. */
export function endpointIdentity(
  format: WireFormatName,
  path: string,
  { url, headers }: Pick<WireRequest, 'url' | 'headers'>,
): EndpointIdentity {
  return { format, origin: `${url.protocol}//${url.host}`, path, query: queryOf(url), headers: headersOf(headers) };
}

function queryOf(url: URL): [string, string][] {
  if (url.search === '') return [];
  return [...url.searchParams]
    .filter(([name, value]) => !CREDENTIAL_PARAMETER.test(name) && !(name === 'alt' && value === 'sse'))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function headersOf(headers: Headers): Record<string, string> {
  const counted: [string, string][] = [];
  for (const [name, value] of headers) {
    if (deniedHeaders.has(name) || deniedPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    if (CREDENTIAL_HEADER.test(name)) continue;
    counted.push([name, name === 'anthropic-beta' ? sortedSet(value) : value]);
  }
  return Object.fromEntries(counted);
}

/** Features that are switched on: neither order nor repetition means anything. */
function sortedSet(value: string): string {
  return [...new Set(value.split(',').map((feature) => feature.trim()))].sort().join(',');
}

/**
 * Everything in a request that says which account pays for it: `authorization`, `x-api-key`, `x-goog-api-key`, `api-key`, `?key=`, a
 * user in the URL, and whatever else is named like a key. A secret: digest it with a key of your own before it goes anywhere.
 * undefined when the request carries none.
 */
export function credentialOf({ url, headers }: Pick<WireRequest, 'url' | 'headers'>): string | undefined {
  const found: [string, string][] = [];
  if (url.username !== '' || url.password !== '') found.push(['', `${url.username}:${url.password}`]);
  for (const [name, value] of headers) if (CREDENTIAL_HEADER.test(name)) found.push([name, value]);
  if (url.search !== '') {
    for (const [name, value] of url.searchParams) if (CREDENTIAL_PARAMETER.test(name)) found.push([`?${name}`, value]);
  }
  return found.length === 0 ? undefined : JSON.stringify(found);
}
