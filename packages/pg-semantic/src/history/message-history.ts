import { randomUUID } from 'node:crypto';
import { channels, type Message, type MessageHistory } from '@agent-cache/core-tier';
import { type SQL, sql } from 'drizzle-orm';
import { PostgresError } from '../database/errors.ts';
import { unitVector } from '../database/unit-vector.ts';
import { inTime } from '../embed/in-time.ts';
import { fromBytes, idOf, toBytes } from '../postgres-tier/codec.ts';
import { EmbeddingQueue } from './embedding-queue.ts';
import { type HistorySettings, historySettingsOf, type MessageHistoryOptions } from './options.ts';
import { messagesOf, type QuestionVector, searchStatement } from './search.ts';
import { searchedText } from './searched-text.ts';

/** A whole history in Postgres. */
export type PostgresMessageHistory = Required<MessageHistory> & {
  /** Resolves when every message has its vector, or the embedder has failed: searches by words never wait for it. */
  embedded(): Promise<void>;
  /** Ends what runs behind the scenes; the database stays open. */
  close(): Promise<void>;
};

/** Threads are told to others by name. */
const maxThread = 1_000;
/** How long a search waits for the vector of its question; then words decide alone. */
const mostMs = 5_000;
const channel = 'ac_history';

/**
 * Every message of every thread, in order, and searched by meaning and by words together. A message is stored before its vector is made; an
 * embedder that fails is asked again later.
 *
 * @throws TypeError for options that cannot be
 */
export function messageHistory(options: MessageHistoryOptions): PostgresMessageHistory {
  return new History(historySettingsOf(options));
}

class History implements PostgresMessageHistory {
  readonly #settings: HistorySettings;
  readonly #queue: EmbeddingQueue;
  readonly #source = randomUUID();
  readonly #stops = new Set<() => void>();

  constructor(settings: HistorySettings) {
    this.#settings = settings;
    this.#queue = new EmbeddingQueue(settings);
  }

  async append(thread: string, messages: readonly Message[]): Promise<readonly number[]> {
    if (messages.length === 0) return [];
    const { tenant, userOf } = this.#settings;
    const people = messages.map((message) => {
      const user = userOf(thread, message);
      return user === undefined ? null : idOf('key', user);
    });
    const [row] = await this.#rows<{ places: readonly number[] }>(sql`
      select agent_cache.ac_append(${tenant}, ${threadId(thread)}::bytea, ${sql.param(messages.map(({ id }) => idOf('key', id)))}::bytea[],
        ${sql.param(people)}::bytea[], ${sql.param(messages.map(({ role }) => role))}::text[],
        ${sql.param(messages.map(({ at }) => at))}::float8[], ${sql.param(messages.map(toBytes))}::bytea[],
        ${sql.param(messages.map((message) => this.#textOf(message)))}::text[], ${this.#settings.language}::regconfig, ${channel}, ${this.#note(thread)}) as places`);
    void this.#queue.run();
    return row?.places ?? [];
  }

  async last(thread: string, limit: number): Promise<readonly Message[]> {
    const rows = await this.#rows<{ data: Uint8Array }>(sql`
      select data from agent_cache.ac_message where ${this.#of(thread)} order by place desc limit ${limit}::int`);
    return messagesOf(rows, fromBytes).reverse();
  }

  async search(
    thread: string,
    query: string,
    options: Parameters<MessageHistory['search']>[2],
  ): Promise<readonly Message[]> {
    const vector = await this.#vectorOf(query);
    const rows = await this.#rows<{ data: Uint8Array }>(
      searchStatement(this.#of(thread), { text: query, language: this.#settings.language, vector }, options),
    );
    return messagesOf(rows, fromBytes);
  }

  async replace(thread: string, id: string, message: Message): Promise<boolean> {
    if (message.id !== id) {
      throw new TypeError(`messageHistory: the message to replace "${id}" has the id "${message.id}"; ids stay`);
    }
    const user = this.#settings.userOf(thread, message);
    const rows = await this.#rows(sql`
      with replaced as (
        update agent_cache.ac_message set role = ${message.role}, at = ${message.at}::float8, data = ${toBytes(message)}::bytea,
          words = to_tsvector(${this.#settings.language}::regconfig, ${this.#textOf(message)}), embedding = null, model_id = null, failures = 0,
          person = ${user === undefined ? null : idOf('key', user)}::bytea
        where ${this.#of(thread)} and id = ${idOf('key', id)}::bytea returning place
      ) select place, pg_notify(${channel}, ${this.#note(thread)}) from replaced`);
    void this.#queue.run();
    return rows.length > 0;
  }

  async drop(thread: string): Promise<boolean> {
    const [row] = await this.#rows<{ gone: number }>(sql`
      with gone as (delete from agent_cache.ac_message where ${this.#of(thread)} returning 1)
      select count(*)::int as gone, pg_notify(${channel}, ${this.#note(thread)}) from gone`);
    return (row?.gone ?? 0) > 0;
  }

  /** @returns how many messages of this user there were, in all threads */
  async dropUser(user: string): Promise<number> {
    const [row] = await this.#rows<{ gone: number }>(sql`
      with gone as (
        delete from agent_cache.ac_message
        where tenant = ${this.#settings.tenant} and person = ${idOf('key', user)}::bytea returning 1
      ) select count(*)::int as gone from gone`);
    return row?.gone ?? 0;
  }

  onChange(listener: (thread: string) => void): () => void {
    const stop = this.#settings.db.listen(channel, {
      note: (text) => {
        const { source, tenant, thread } = JSON.parse(text) as Record<string, string>;
        if (source !== this.#source && tenant === this.#settings.tenant && thread !== undefined) listener(thread);
      },
      up: () => undefined,
      down: () => undefined,
    });
    this.#stops.add(stop);
    return () => {
      this.#stops.delete(stop);
      stop();
    };
  }

  embedded(): Promise<void> {
    return this.#queue.run();
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
    this.#queue.stop();
  }

  #of(thread: string): SQL {
    return sql`tenant = ${this.#settings.tenant} and thread = ${threadId(thread)}::bytea`;
  }

  #textOf(message: Message): string {
    return searchedText(this.#settings.textOf(message));
  }

  #note(thread: string): string {
    return JSON.stringify({ source: this.#source, tenant: this.#settings.tenant, thread });
  }

  async #rows<T>(statement: SQL): Promise<readonly T[]> {
    return (await this.#settings.db.primary.execute(statement)) as unknown as readonly T[];
  }

  /** A question whose vector cannot be had is answered by words. */
  async #vectorOf(query: string): Promise<QuestionVector | undefined> {
    const { embed } = this.#settings;
    if (query.trim() === '') return undefined;
    try {
      const [[vector], modelId] = await Promise.all([
        inTime(embed.id, mostMs, (signal) => embed.embed([searchedText(query)], { signal })),
        this.#queue.modelId(),
      ]);
      const unit = unitVector(vector ?? new Float32Array(0), embed.dimensions, embed.id);
      return { literal: `[${unit.join(',')}]`, modelId };
    } catch (error) {
      const code = PostgresError.isInstance(error) ? error.code : 'ERR_PG_SEMANTIC_EMBEDDER';
      if (channels.error.hasSubscribers) channels.error.publish({ code, error, operation: 'search' });
      return undefined;
    }
  }
}

function threadId(thread: string): Uint8Array {
  if (thread.length > maxThread) {
    throw new TypeError(`messageHistory: a thread's name of ${thread.length} characters; it may have ${maxThread}`);
  }
  return idOf('key', thread);
}
