import type { AnswerIndex } from '@agent-cache/core-tier';
import type { LlmCacheOptions } from '@agent-cache/llm-cache';
import type { RedisTierOptions } from '@agent-cache/redis-tier';
import type { OpenDatabase, QuestionEmbedder, SemanticOptions } from './open-postgres.ts';

export interface AgentCacheOptions {
  /**
   * Folder of the file that survives restarts and is shared by the processes of this machine. `false`: no file.
   * @default ".agent-cache" in the working directory; false with `redis` or `postgres`
   */
  readonly dir?: string | false;
  /**
   * A Redis or Valkey that several machines share: its address, or an ioredis client of your own. Needs `ioredis` to be installed.
   * @default none
   */
  readonly redis?: string | RedisTierOptions['client'];
  /**
   * A Postgres with pgvector, by its address or as `openPostgres()` gave it: for everything that is shared where there is no `redis`, and for
   * `semantic`. Needs `@agent-cache/pg-semantic` to be installed.
   * @default none; with `semantic` an embedded one, in `dir`
   */
  readonly postgres?: string | OpenDatabase;
  /**
   * Answers questions that were asked before in other words, with a bound on wrong answers. Needs `@agent-cache/pg-semantic` to be installed,
   * unless it is an index of your own.
   * @default false
   */
  readonly semantic?: boolean | SemanticOptions | AnswerIndex;
  /**
   * Turns questions into vectors for `semantic`.
   * @default `localEmbedder()` of `@agent-cache/pg-semantic`: English, on this machine
   */
  readonly embed?: QuestionEmbedder;
  /**
   * Keeps this application's entries apart from those of others that use the same folder.
   * @default "default"
   */
  readonly namespace?: string;
  /**
   * How long an answer of a model is served, in ms; `Infinity` for ever.
   * @default 3_600_000 (one hour)
   */
  readonly ttlMs?: number;
  /**
   * How much memory the fastest tier may take, in bytes.
   * @default 67_108_864 (64 MiB)
   */
  readonly memoryBytes?: number;
  /**
   * How large the file may grow, in bytes.
   * @default 536_870_912 (512 MiB)
   */
  readonly fileBytes?: number;
  /** Options of the model cache: partitioning, prices, what may be stored. See `@agent-cache/llm-cache`. */
  readonly llm?: Omit<LlmCacheOptions, 'cache' | 'namespace' | 'ttlMs' | 'records' | 'answers'>;
}

/** @throws TypeError when options about Postgres contradict each other */
export function checkPostgres({ redis, postgres, semantic, embed, llm }: AgentCacheOptions): void {
  const isOn = semantic !== undefined && semantic !== false;
  if (isOn && (llm?.variants ?? 1) > 1) {
    throw new TypeError(
      'createAgentCache: `semantic` and `llm.variants` exclude each other: a question has one answer then.',
    );
  }
  if (redis !== undefined && postgres !== undefined && !isOn) {
    throw new TypeError(
      'createAgentCache: with `redis`, `postgres` is for `semantic`, which is not asked for: leave one of them out, or ask for it.',
    );
  }
  if (embed !== undefined && (!isOn || isIndex(semantic))) {
    throw new TypeError(
      'createAgentCache: `embed` is for questions of `semantic`, which needs none as it is given; for texts of your own see `embeddings()`.',
    );
  }
}

export function isIndex(semantic: AgentCacheOptions['semantic']): semantic is AnswerIndex {
  return typeof semantic === 'object' && 'find' in semantic;
}
