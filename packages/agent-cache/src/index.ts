export {
  type AgentCache,
  type AgentCacheOptions,
  createAgentCache,
  type InvalidateOptions,
} from './create-agent-cache.ts';
