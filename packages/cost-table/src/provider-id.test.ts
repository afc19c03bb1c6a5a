import { expect, test } from 'vitest';
import { providerOf } from './provider-id.ts';

test.each([
  ['openai', ['openai', 'OpenAI', 'openai.responses', 'text-completion-openai']],
  ['azure', ['azure', 'azure.ai.openai', 'azure_openai', 'azure.chat']],
  ['google', ['google', 'gemini', 'gcp.gemini', 'google_genai', 'google.generative-ai']],
  [
    'vertex',
    [
      'vertex_ai',
      'gcp.vertex_ai',
      'google-vertex',
      'Vertex AI',
      'vertex_ai-anthropic_models',
      'vertex.anthropic.messages',
    ],
  ],
  ['bedrock', ['bedrock', 'aws.bedrock', 'amazon-bedrock', 'bedrock_converse']],
  ['xai', ['xai', 'x-ai', 'x_ai', 'xai.chat']],
  ['mistral', ['mistral', 'mistralai', 'mistral_ai']],
  ['somebody-new', ['somebody-new', 'Somebody_New']],
  ['constructor', ['constructor']],
])('%s is known as %j', (provider, names) => {
  for (const name of names) expect(providerOf(name)).toBe(provider);
});
