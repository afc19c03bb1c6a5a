import type { Message } from '@agent-cache/core-tier';
import { channels } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import { PostgresError } from '../database/errors.ts';
import { unitVector } from '../database/unit-vector.ts';
import { inTime } from '../embed/in-time.ts';
import { modelIdOf } from '../embed/model-id.ts';
import { fromBytes } from '../postgres-tier/codec.ts';
import type { HistorySettings } from './options.ts';
import { searchedText } from './searched-text.ts';

/** Messages that go to the embedder in one call. */
const batchSize = 32;
/** A message on which the embedder fails this often stays without a vector; its words are found all the same. */
const maxFailures = 5;
/** Nobody waits for these vectors. */
const mostMs = 30_000;
const firstRestMs = 1_000;
const lastRestMs = 60_000;

interface Bare {
  readonly thread: Uint8Array;
  readonly place: number;
  readonly data: Uint8Array;
}

/**
 * Gives vectors to messages that have none, or one of another model, behind the back of whoever wrote them: nobody waits for an embedder, and one
 * that fails costs nothing but time.
 */
export class EmbeddingQueue {
  readonly #settings: HistorySettings;
  #modelId: Promise<number> | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #restMs = firstRestMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: HistorySettings) {
    this.#settings = settings;
  }

  /** The number under which the database knows the embedder. */
  modelId(): Promise<number> {
    this.#modelId ??= modelIdOf(this.#settings.db, this.#settings.embed);
    this.#modelId.catch(() => {
      this.#modelId = undefined;
    });
    return this.#modelId;
  }

  /** Resolves when nothing waits for a vector, or the embedder has failed. */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#work()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#running = undefined;
        this.#again = false;
      });
    return this.#running;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #work(): Promise<void> {
    const modelId = await this.modelId();
    for (;;) {
      this.#again = false;
      const bare = await this.#next(modelId);
      if (bare.length > 0) await this.#embed(bare, modelId);
      else if (!this.#again) break;
    }
    this.#restMs = firstRestMs;
  }

  async #next(modelId: number): Promise<readonly Bare[]> {
    const { db, tenant } = this.#settings;
    return (await db.primary.execute(sql`
      select thread, place, data from agent_cache.ac_message
      where tenant = ${tenant} and (embedding is null or model_id <> ${modelId}::smallint) and failures < ${sql.raw(String(maxFailures))}
      order by place limit ${sql.raw(String(batchSize))}`)) as unknown as readonly Bare[];
  }

  async #embed(bare: readonly Bare[], modelId: number): Promise<void> {
    const texts = bare.map(({ data }) => searchedText(this.#settings.textOf(fromBytes(data) as Message)));
    try {
      await this.#store(bare, await this.#vectorsOf(texts), modelId);
    } catch (error) {
      await this.#markFailed(bare);
      throw error;
    }
  }

  /** A text without a word has no meaning: zeros, which are near to nothing. */
  async #vectorsOf(texts: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    const { embed } = this.#settings;
    const told = texts.filter((text) => text.trim() !== '');
    const vectors = told.length === 0 ? [] : await inTime(embed.id, mostMs, (signal) => embed.embed(told, { signal }));
    const rest = [...vectors];
    return texts.map((text) =>
      text.trim() === '' ? undefined : unitVector(rest.shift() ?? new Float32Array(0), embed.dimensions, embed.id),
    );
  }

  async #store(bare: readonly Bare[], vectors: readonly (Float32Array | undefined)[], modelId: number): Promise<void> {
    const { db, tenant } = this.#settings;
    const literals = vectors.map((vector) => (vector === undefined ? null : `[${vector.join(',')}]`));
    await db.primary.execute(sql`
      update agent_cache.ac_message m set embedding = given.embedding::vector, model_id = ${modelId}::smallint,
        failures = case when given.embedding is null then ${sql.raw(String(maxFailures))} else 0 end
      from unnest(${sql.param(bare.map(({ thread }) => thread))}::bytea[], ${sql.param(bare.map(({ place }) => place))}::bigint[],
        ${sql.param(literals)}::text[], ${sql.param(bare.map(({ data }) => data))}::bytea[]) given (thread, place, embedding, data)
      where m.tenant = ${tenant} and m.thread = given.thread and m.place = given.place and m.data = given.data`);
  }

  async #markFailed(bare: readonly Bare[]): Promise<void> {
    const { db, tenant } = this.#settings;
    await db.primary.execute(sql`
      update agent_cache.ac_message m set failures = m.failures + 1
      from unnest(${sql.param(bare.map(({ thread }) => thread))}::bytea[], ${sql.param(bare.map(({ place }) => place))}::bigint[])
        given (thread, place)
      where m.tenant = ${tenant} and m.thread = given.thread and m.place = given.place`);
  }

  #failed(error: unknown): void {
    const code = PostgresError.isInstance(error) ? error.code : 'ERR_PG_SEMANTIC_EMBEDDER';
    if (channels.error.hasSubscribers) channels.error.publish({ code, error, operation: 'embed' });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.run(), this.#restMs).unref();
    this.#restMs = Math.min(lastRestMs, this.#restMs * 2);
  }
}
