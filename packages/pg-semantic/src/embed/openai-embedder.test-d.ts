import type OpenAI from 'openai';
import { expectTypeOf } from 'vitest';
import type { OpenAiEmbeddingClient } from './openai-embedder.ts';

expectTypeOf<OpenAI>().toExtend<OpenAiEmbeddingClient>();
