import type { Tier } from '@agent-cache/core-tier';
import type { EmbedderObject } from '@agent-cache/embedding-cache';
import { type LlmCacheOptions, textOfAnswer } from '@agent-cache/llm-cache';

type Package = typeof import('@agent-cache/pg-semantic');
type Database = Awaited<ReturnType<Package['openPostgres']>>;
type AnswerIndex = NonNullable<LlmCacheOptions['answers']>;

/** What `openPostgres` of `@agent-cache/pg-semantic` gives, as far as it is needed to tell it from other things. */
export interface OpenDatabase {
  readonly kind: 'server' | 'embedded';
  readonly primary: object;
  close(): Promise<void>;
}

/** Turns questions into vectors: an embedder, or any function that does. */
export type QuestionEmbedder =
  | (EmbedderObject<Float32Array> & { readonly dimensions: number })
  | ((texts: string[]) => Promise<readonly (readonly number[] | Float32Array)[]>);

/** How questions in other words are answered. */
export interface SemanticOptions {
  /**
   * Share of the answers by meaning that may be wrong, above 0 and below 1.
   * @default 0.02
   */
  readonly maxWrongHits?: number;
  /**
   * Stored wordings; beyond it the least useful answers go.
   * @default 100_000
   */
  readonly maxEntries?: number;
  /**
   * How long a search may take, ms; later it is a miss.
   * @default 250
   */
  readonly deadlineMs?: number;
}

/** A Postgres for this cache: of the user's own, a server, or embedded. */
export interface Postgres {
  /** everything exact, for people who have only Postgres */
  tier(namespace: string): Tier;
  index(options: SemanticOptions, embed: QuestionEmbedder | undefined): Promise<Index>;
  /** ends what was opened here; a database of the user's stays open */
  close(): Promise<void>;
}

export interface Index {
  readonly answers: AnswerIndex;
  /** what it has learned and counted is written */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** @param dataDir of the embedded one, which is opened when `database` is undefined; undefined: in memory */
export async function openPostgres(
  database: string | OpenDatabase | undefined,
  dataDir: string | undefined,
): Promise<Postgres> {
  const loaded = await load();
  const isOurs = typeof database !== 'object';
  const db = isOurs
    ? await loaded.openPostgres(database === undefined ? { dataDir } : { url: database })
    : // The user got it from the same package; only its type is not imported, because not everybody has the package.
      (database as OpenDatabase & Database);
  return {
    tier: (namespace) => loaded.postgresTier({ db, namespace }),
    index: (options, embed) => openIndex(loaded, db, options, embed),
    close: async () => {
      if (isOurs) await db.close();
    },
  };
}

async function openIndex(
  { semanticIndex, localEmbedder, calibrated }: Package,
  db: Database,
  { maxWrongHits, maxEntries, deadlineMs }: SemanticOptions,
  given: QuestionEmbedder | undefined,
): Promise<Index> {
  const policy = maxWrongHits === undefined ? undefined : calibrated({ maxWrongHits });
  const own = given === undefined ? localEmbedder() : undefined;
  const answers = semanticIndex({ db, embed: given ?? own, policy, textOf: textOfAnswer, maxEntries, deadlineMs });
  // The model takes longer to load than the first question may wait.
  await own?.embed(['Are you there?']);
  return {
    answers,
    flush: () => answers.flush(),
    close: async () => {
      await answers.close();
      await own?.close();
    },
  };
}

async function load(): Promise<Package> {
  try {
    return await import('@agent-cache/pg-semantic');
  } catch (cause) {
    const message =
      'createAgentCache: `semantic` and `postgres` need the package "@agent-cache/pg-semantic": npm install @agent-cache/pg-semantic';
    throw new Error(message, { cause });
  }
}
