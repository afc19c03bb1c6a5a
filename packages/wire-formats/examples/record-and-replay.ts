// A recorder of twenty lines: the second run of the same question is answered from memory, streamed or not.
import { createHash } from 'node:crypto';
import { parseBody, type WireRequest, wireFormatOf } from '@agent-cache/wire-formats';

/** Wraps a `fetch` so that complete answers are remembered as JSON and rendered as each caller asks for them. */
export function rememberingFetch(upstream: typeof fetch): typeof fetch {
  const answers = new Map<string, unknown>();
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const text = typeof init?.body === 'string' ? init.body : '';
    const format = wireFormatOf(url, { method: init?.method, body: text });
    const body = parseBody(text);
    if (format === undefined || body === undefined) return upstream(input, init);
    const request: WireRequest = { url, headers: new Headers(init?.headers), body };
    if (format.bypass(request) !== undefined) return upstream(input, init);

    const key = createHash('sha256')
      .update(JSON.stringify(format.identity(request)))
      .digest('hex');
    const streamed = format.isStream(request);
    if (!answers.has(key)) {
      const response = await upstream(input, { ...init, body: JSON.stringify(format.upstreamBody(request)) });
      const bytes = new Uint8Array(await response.clone().arrayBuffer());
      const answer: unknown = streamed ? format.toJson?.(bytes) : JSON.parse(new TextDecoder().decode(bytes));
      if (!response.ok || !format.isComplete(answer)) return response;
      answers.set(key, answer);
    }
    const answer = answers.get(key);
    const stream = streamed ? format.toStream?.(answer, request) : undefined;
    return stream === undefined
      ? Response.json(answer)
      : new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  };
}
