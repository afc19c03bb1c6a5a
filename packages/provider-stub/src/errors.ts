import type { Provider } from './provider-api.ts';

/**
 * A request this server refuses as the provider would. `code` is stable; `status` is the HTTP status the client sees.
 */
export class ProviderRequestError extends Error {
  readonly code = 'ERR_PROVIDER_STUB_REQUEST';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ProviderRequestError';
    this.status = status;
  }
}

const OPENAI_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  403: 'invalid_request_error',
  404: 'invalid_request_error',
  429: 'requests',
};
const OPENAI_CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'unknown_url',
  429: 'rate_limit_exceeded',
};
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
const GEMINI_STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** An error as the provider words it in a response body. */
export function errorBody(provider: Provider, status: number, message: string, requestId: string): unknown {
  if (provider === 'anthropic') {
    const type = ANTHROPIC_TYPES[status] ?? 'api_error';
    return { type: 'error', error: { type, message }, request_id: requestId };
  }
  if (provider === 'gemini') {
    return { error: { code: status, message, status: GEMINI_STATUSES[status] ?? 'INTERNAL' } };
  }
  const type = OPENAI_TYPES[status] ?? 'server_error';
  return { error: { message, type, param: null, code: OPENAI_CODES[status] ?? null } };
}
