/**
 * Other names of the same biller: those of OpenTelemetry's `gen_ai.provider.name`, of LiteLLM, of LangChain's and the AI SDK's
 * packages. Names that are not here stand for themselves.
 */
const aliases: Readonly<Record<string, string>> = {
  'text-completion-openai': 'openai',
  'azure.ai.openai': 'azure',
  'azure-openai': 'azure',
  'azure-text': 'azure',
  'az.ai.openai': 'azure',
  'azure.ai.inference': 'azure-ai',
  'az.ai.inference': 'azure-ai',
  gemini: 'google',
  palm: 'google',
  'gcp.gemini': 'google',
  'google-genai': 'google',
  'google-ai-studio': 'google',
  'google.generative-ai': 'google',
  'google-generative-ai': 'google',
  'vertex-ai': 'vertex',
  vertexai: 'vertex',
  'gcp.vertex-ai': 'vertex',
  'google-vertex': 'vertex',
  'google-vertexai': 'vertex',
  'google-vertex-anthropic': 'vertex',
  'google.vertex': 'vertex',
  'vertex.anthropic': 'vertex',
  aws: 'bedrock',
  'aws-bedrock': 'bedrock',
  'aws.bedrock': 'bedrock',
  'amazon-bedrock': 'bedrock',
  'bedrock-converse': 'bedrock',
  'x-ai': 'xai',
  mistralai: 'mistral',
  'mistral-ai': 'mistral',
  'text-completion-codestral': 'codestral',
  'cohere-chat': 'cohere',
  moonshotai: 'moonshot',
  'moonshot-ai': 'moonshot',
  'z-ai': 'zai',
  zhipuai: 'zhipu',
  alibaba: 'dashscope',
  'together-ai': 'together',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  'fireworks-ai-embedding-models': 'fireworks',
  'vercel-ai-gateway': 'vercel',
  voyageai: 'voyage',
  'meta-llama': 'meta',
  'nvidia-nim': 'nvidia',
  'cloudflare-workers-ai': 'cloudflare',
  'workers-ai': 'cloudflare',
  'ibm.watsonx.ai': 'watsonx',
  perplexityai: 'perplexity',
};

/** Endings by which the AI SDK tells its models apart: `openai.responses`, `anthropic.messages`. */
const modelKind = /\.(chat|responses|messages|completion|embedding|image|text)$/;

/** The one name of a provider: `providerOf('gcp.vertex_ai')`, `providerOf('google-vertex')` and `providerOf('Vertex AI')` are `"vertex"`. */
export function providerOf(name: string): string {
  const written = name.trim().toLowerCase().replaceAll(/[_ ]/g, '-').replace(modelKind, '');
  if (Object.hasOwn(aliases, written)) return aliases[written] ?? written;
  return written.startsWith('vertex-ai-') ? 'vertex' : written;
}
