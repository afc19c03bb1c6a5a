export { createLlmCache } from './create-llm-cache.ts';
