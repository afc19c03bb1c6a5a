import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { Label, PolicyModel, WrongHitEstimate } from '../policy.ts';
import { BoundedMap } from './bounded-map.ts';
import type { ModelRegistry } from './model-registry.ts';
import { rowsOf } from './rows.ts';
import type { Settings } from './settings.ts';
import { nameOfColumn, tenantColumn } from './space.ts';

/** Labels a model starts with, newest first: as many as `calibrated` looks at. Older ones say little about today. */
const startLabels = 4_000;
/** labels that are read into a model before others have their turn */
const atOnce = 200;
const maxUnwritten = 10_000;
/** rows that one round of pruning removes per category */
const pruned = 1_000;

interface Category {
  readonly model: PolicyModel;
  /** labels up to this row are in the model */
  upTo: number;
}

interface Opening {
  readonly promise: Promise<Category>;
  /** once its labels are read */
  category?: Category;
}

interface LabelRow {
  readonly id: number;
  readonly category: string;
  readonly prompt_id: string;
  readonly answer_id: string;
  readonly similarity: number;
  readonly features: readonly number[];
  readonly is_right: boolean;
  readonly source: Label['source'];
  readonly at: number;
}

/**
 * The policy's models, one per category, and the labels they learn from. The table of labels is the truth: every process starts from its newest
 * and reads on, so that what one process learns holds in all of them.
 */
export class Lessons {
  readonly #db: Database;
  readonly #settings: Settings;
  readonly #models: ModelRegistry;
  readonly #policy: string;
  readonly #writer = randomUUID();
  readonly #categories = new BoundedMap<string, Opening>(1_000);
  #unwritten: { readonly category: string; readonly label: Label }[] = [];
  /** categories that have new labels since the last pruning */
  readonly #grown = new Set<string>();
  #seen: number | undefined;

  constructor(db: Database, settings: Settings, models: ModelRegistry) {
    this.#db = db;
    this.#settings = settings;
    this.#models = models;
    // What labels are made of does not change with a policy's bound, which follows its name: `calibrated 0.02`.
    this.#policy = settings.policy.name.split(' ')[0] ?? '';
  }

  get unwritten(): number {
    return this.#unwritten.length;
  }

  /** Whether the category's labels are read, so that its model is not to be waited for. */
  areRead(category: string): boolean {
    return this.#categories.get(category)?.category !== undefined;
  }

  async modelOf(category: string): Promise<PolicyModel> {
    return (await this.#categoryOf(category)).model;
  }

  /** Takes a label in, here at once and elsewhere after the next `write`. */
  async observe(category: string, label: Label): Promise<void> {
    (await this.modelOf(category)).observe(label);
    if (this.#unwritten.length < maxUnwritten) this.#unwritten.push({ category, label });
  }

  estimates(): Record<string, WrongHitEstimate> {
    const read = Array.from(this.#categories.entries(), ([name, { category }]) => [name, category?.model.estimate()]);
    return Object.fromEntries(read.filter(([, estimate]) => estimate !== undefined));
  }

  async write(): Promise<void> {
    if (this.#unwritten.length === 0) return;
    const batch = this.#unwritten;
    this.#unwritten = [];
    try {
      await this.#insert(batch);
      for (const { category } of batch) this.#grown.add(category);
    } catch (error) {
      this.#unwritten = [...batch, ...this.#unwritten].slice(0, maxUnwritten);
      throw error;
    }
  }

  /** Reads what other processes have learned since the last time. */
  async read(): Promise<void> {
    if (this.#seen === undefined) return;
    const rows = await this.#rows(sql`id > ${this.#seen} and writer <> ${this.#writer}::uuid order by id limit 5000`);
    for (const row of rows) {
      this.#seen = Math.max(this.#seen, row.id);
      const known = await this.#categories.get(nameOfColumn(row.category))?.promise;
      if (known === undefined || row.id <= known.upTo) continue;
      known.model.observe(labelOf(row));
      known.upTo = row.id;
    }
  }

  /** Removes labels that no model starts with any more: newer ones have taken their place. */
  async prune(): Promise<void> {
    const grown = [...this.#grown].map(tenantColumn);
    this.#grown.clear();
    if (grown.length === 0) return;
    await this.#db.primary.execute(sql`delete from agent_cache.ac_label where id in (
      select old.id from unnest(${sql.param(grown)}::text[]) as grown(category) cross join lateral (
        select l.id from agent_cache.ac_label l
        where l.model_id = ${await this.#models.id()} and l.category = grown.category and l.policy = ${this.#policy}
        order by l.id desc offset ${startLabels} limit ${pruned}
      ) old)`);
  }

  #categoryOf(category: string): Promise<Category> {
    const known = this.#categories.get(category);
    if (known !== undefined) return known.promise;
    const opening: Opening = { promise: this.#open(category) };
    this.#categories.set(category, opening);
    opening.promise.then(
      (opened) => {
        opening.category = opened;
      },
      () => this.#categories.delete(category),
    );
    return opening.promise;
  }

  async #open(category: string): Promise<Category> {
    const { policy, embed, random } = this.#settings;
    this.#seen ??= await this.#newest();
    const rows = await this.#rows(sql`category = ${tenantColumn(category)} order by id desc limit ${startLabels}`);
    const model = policy.model({ embedder: embed.id, random });
    for (const [place, row] of rows.toReversed().entries()) {
      model.observe(labelOf(row));
      if (place % atOnce === atOnce - 1) await setImmediate();
    }
    return { model, upTo: rows[0]?.id ?? 0 };
  }

  async #newest(): Promise<number> {
    const statement = sql`select coalesce(max(id), 0) as id from agent_cache.ac_label`;
    const [row] = await rowsOf<{ id: number }>(this.#db.primary, statement);
    return Number(row?.id);
  }

  async #rows(which: ReturnType<typeof sql>): Promise<readonly LabelRow[]> {
    const rows = await rowsOf<LabelRow>(
      this.#db.primary,
      sql`select id, category, prompt_id, answer_id, similarity, features, is_right, source, at from agent_cache.ac_label
        where model_id = ${await this.#models.id()} and policy = ${this.#policy} and ${which}`,
    );
    return rows.map((row) => ({ ...row, id: Number(row.id), at: Number(row.at) }));
  }

  async #insert(batch: readonly { readonly category: string; readonly label: Label }[]): Promise<void> {
    const rows = batch.map(({ category, label: { right, ...label } }) => ({
      ...label,
      isRight: right,
      category: tenantColumn(category),
    }));
    // Under a lock, so that ids become visible in their order: whoever reads on from the last id it has seen misses none.
    await this.#db.primary.execute(sql`with turn as materialized (select pg_advisory_xact_lock(${labelLock}))
      insert into agent_cache.ac_label
        (model_id, category, policy, writer, prompt_id, answer_id, similarity, features, is_right, source, at)
      select ${await this.#models.id()}, r.category, ${this.#policy}, ${this.#writer}::uuid, r."promptId", r."answerId", r.similarity,
        r.features, r."isRight", r.source, r.at
      from turn, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(category text, "promptId" text, "answerId" text,
        similarity double precision, features double precision[], "isRight" boolean, source text, at bigint)`);
  }
}

const labelLock = 0x6163_6c62;

function labelOf({ prompt_id, answer_id, is_right, similarity, features, source, at }: LabelRow): Label {
  return { promptId: prompt_id, answerId: answer_id, right: is_right, similarity, features, source, at };
}
