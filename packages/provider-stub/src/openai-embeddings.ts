import { parseEmbeddings } from './openai-request.ts';
import type { ProviderApi, Reply } from './provider-api.ts';

/** Little-endian 32-bit floats in base64: what the SDK asks for silently and decodes. */
function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}

function json({ request, embeddings, usage }: Reply): unknown {
  const encode = request.body.encoding_format === 'base64' ? base64Of : (vector: readonly number[]) => vector;
  return {
    object: 'list',
    data: embeddings.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model: request.model,
    usage: { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens },
  };
}

/** `POST /v1/embeddings` (platform.openai.com/docs/api-reference/embeddings); never streamed. */
export const openaiEmbeddings: ProviderApi = {
  name: 'openai-embeddings',
  provider: 'openai',
  path: /\/embeddings$/,
  parse: parseEmbeddings,
  json,
  frames: () => [],
  errorFrame: () => '',
};
