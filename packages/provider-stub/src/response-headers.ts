import type { Provider } from './provider-api.ts';

/**
 * Headers as the providers send them: the request id where each SDK looks for it, rate limits, timings and a cookie,
 * all of them things that belong to one exchange only.
 */
export function responseHeaders(provider: Provider, id: string): Record<string, string> {
  const common = {
    'set-cookie': `__cf_bm=${id}-secret; path=/; HttpOnly; Secure`,
    'cf-ray': `${id}-FRA`,
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  };
  if (provider === 'openai') {
    return {
      ...common,
      'x-request-id': id,
      'openai-version': '2020-10-01',
      'openai-organization': 'provider-stub',
      'openai-processing-ms': '812',
      'x-ratelimit-limit-requests': '10000',
      'x-ratelimit-remaining-requests': '9999',
      'x-ratelimit-reset-requests': '6ms',
      'x-ratelimit-remaining-tokens': '1999000',
    };
  }
  if (provider === 'anthropic') {
    return {
      ...common,
      'request-id': id,
      'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-ratelimit-requests-remaining': '3999',
      'anthropic-ratelimit-requests-reset': '2026-11-21T00:00:01Z',
      'anthropic-ratelimit-tokens-remaining': '1999000',
    };
  }
  return { ...common, 'x-goog-request-id': id, 'server-timing': 'gfet4t7; dur=812', vary: 'Origin, X-Origin, Referer' };
}
