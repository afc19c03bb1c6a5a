/**
 * Lookups in a full index: `pnpm bench semantic-index`; with DATABASE_URL a server, else the embedded Postgres. `--entries <n>` wordings in one
 * space (50,000, on a server 100,000). The filled database is kept in the system's temporary folder.
 *
 * The questions are made of a hundred words, each in thousands of them, which is the worst case for the full text. With `-- --data <folder with
 * qqp-dev.jsonl.gz, clinc150.jsonl and sick.jsonl.gz>` they are people's, and made ones only beyond those.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { sql } from 'drizzle-orm';
import type { Database } from './database/database.ts';
import { openPostgres } from './database/open-postgres.ts';
import { hashedEmbedder, hashedVector } from './embed/hashed-embedder.ts';
import { lexemesOf } from './index/lexemes.ts';
import { ModelRegistry } from './index/model-registry.ts';
import { NearIndexes } from './index/near-indexes.ts';
import { rowsOf } from './index/rows.ts';
import { semanticIndex } from './index/semantic-index.ts';
import { promptHashOf, spaceOf } from './index/space.ts';
import { answer, ask } from './index/test-index.ts';
import { madeQuestion, otherWords } from './index/test-questions-made.ts';
import { toBytes } from './index/value-codec.ts';
import { fixedThreshold } from './policy/fixed-threshold.ts';
import { questionsFolder, readRecords } from './test-questions.ts';

const url = process.env.DATABASE_URL;
const place = process.argv.indexOf('--entries');
const entries = place < 0 ? (url ? 100_000 : 50_000) : Number(process.argv[place + 1]);
const hashed = hashedEmbedder({ dimensions: 512 });
/** What an embedding cache would hold: a lookup is measured without its embedding. */
const known = new Map<string, Float32Array>();
const embed: typeof hashed = {
  ...hashed,
  embed: async (texts) => texts.map((text) => known.get(text) ?? hashedVector(text, hashed.dimensions)),
  peek: (text) => known.get(text),
};
const real = process.argv.includes('--data') ? realQuestions() : undefined;
const scope = `${real ? 'real' : 'full'} ${entries}`;
const storedText = (number: number): string => real?.stored[number] ?? madeQuestion(number);
const askedText = (number: number): string =>
  real?.asked[number % real.asked.length] ?? otherWords(madeQuestion((number * 6_007) % entries), number);

const db = await openPostgres(url ? { url } : { dataDir: join(tmpdir(), `agent-cache-semantic-bench-${entries}`) });
await fill(db);
const idle = await stalls(() => new Promise((resolve) => setTimeout(resolve, 3_000)));

const index = semanticIndex({
  ...{ db, embed, policy: fixedThreshold(real ? 0.6 : 0.8), deadlineMs: 60_000, reviewRate: 0 },
  // Nothing is to be evicted: the database is kept for the next run.
  maxEntries: 10_000_000,
});
/** What the machine and the way to the database take by themselves, and how unsteady they are. */
const roundTrips: number[] = [];
// Pages come from the disk the first time.
await lookups(300, (number) => askedText(number + 2_000));
const figures = {
  'same words': await lookups(500, (number) => storedText((number * 7_919) % entries)),
  'other words': await lookups(2_000, askedText),
  'nothing near': await lookups(
    300,
    (number) => `${number} zebras ${number * 17} quietly ${number * 31} paint xylophones`,
  ),
};
const small = await smallSpaces();
const other = `another ${Date.now()}`;
await insert(501, other);
const busy = await stalls(async () => {
  const building = build(other);
  await Promise.all([building, lookups(300, (number) => askedText(number + 3_000))]);
});

console.log(
  `${db.kind}, ${entries} ${real ? "people's" : 'made'} wordings in one space, ${embed.dimensions} dimensions, vectors at hand`,
);
console.table({ ...figures, ...small, 'select 1, after each of these': quantilesOf(roundTrips) });
console.log(`event loop, p99.9: idle ${idle.toFixed(1)} ms, with lookups and an index build ${busy.toFixed(1)} ms`);
await forget(other);
await index.close();
await db.close();

/** What people asked, and for some of it what they asked in other words. */
function realQuestions(): { readonly stored: readonly string[]; readonly asked: readonly string[] } {
  const folder = questionsFolder();
  const pairs = [
    ...readRecords<{ a: string; b: string; label: number | null }>(folder, 'qqp-dev.jsonl'),
    ...readRecords<{ a: string; b: string; label: number | null }>(folder, 'sick.jsonl'),
  ];
  const asked = new Set(
    pairs
      .filter(({ label }) => label === 1)
      .map(({ b }) => b)
      .slice(0, 4_000),
  );
  const others = readRecords<{ text: string }>(folder, 'clinc150.jsonl').map(({ text }) => text);
  const stored = [...new Set([...pairs.flatMap(({ a, b }) => [a, b]), ...others])].filter((text) => !asked.has(text));
  return { stored: stored.slice(0, entries), asked: [...asked] };
}

function quantilesOf(took: number[]): { readonly p50: number; readonly p95: number; readonly p99: number } {
  took.sort((a, b) => a - b);
  const at = (share: number): number => Number((took[Math.floor(took.length * share)] as number).toFixed(2));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** ms per lookup: of one caller, one after the other */
async function lookups(rounds: number, textOf: (number: number) => string, more: object = { scope }): Promise<object> {
  const took: number[] = [];
  let hits = 0;
  const texts = Array.from({ length: rounds }, (_, number) => textOf(number));
  for (const text of texts) known.set(text, hashedVector(text, embed.dimensions));
  for (const text of texts) {
    const question = ask(text, more);
    const start = performance.now();
    const found = await index.find(question);
    took.push(performance.now() - start);
    if (found.state === 'hit') hits += 1;
    const between = performance.now();
    await db.primary.execute(sql`select 1`);
    roundTrips.push(performance.now() - between);
  }
  return { ...quantilesOf(took), hits: `${Math.round((100 * hits) / rounds)} %` };
}

/** Spaces that are scanned, of some sizes. */
async function smallSpaces(): Promise<Record<string, object>> {
  const results: Record<string, object> = {};
  for (const size of [100, 250]) {
    const more = { scope: `small ${size}` };
    await insert(size, more.scope);
    results[`other words, a space of ${size}`] = await lookups(
      200,
      (number) => otherWords(madeQuestion(number % size), number),
      more,
    );
  }
  return results;
}

/** Builds the vector index of a space that has outgrown the scan. */
async function build(of: string): Promise<void> {
  const nearIndexes = new NearIndexes(db, embed, new ModelRegistry(db, embed, Date.now));
  nearIndexes.grew(spaceOf(ask('', { scope: of })));
  await nearIndexes.build();
}

/** p99.9 of the event loop's delay, ms */
async function stalls(work: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99.9) / 1e6;
}

async function fill(into: Database): Promise<void> {
  const { scopeHash } = spaceOf(ask('', { scope }));
  const [row] = await rowsOf<{ count: number }>(
    into.primary,
    sql`select count(*) as count from agent_cache.ac_prompt where scope_hash = ${scopeHash}`,
  );
  if (Number(row?.count) < 0.99 * entries) {
    await insert(entries, scope, storedText);
    await into.maintain('vacuum analyze agent_cache.ac_prompt');
  }
  const start = performance.now();
  await build(scope);
  process.stderr.write(`index ready after ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

async function forget(of: string): Promise<void> {
  const { scopeHash } = spaceOf(ask('', { scope: of }));
  const hash = Buffer.from(scopeHash).toString('hex').slice(0, 32);
  for (const { name } of await rowsOf<{ name: string }>(
    db.primary,
    sql`select relname as name from pg_class where relname like ${`ac\\_near\\_%\\_${hash}`}`,
  )) {
    await db.maintain(`drop index agent_cache.${name}`);
  }
  await db.primary.execute(sql`delete from agent_cache.ac_answer where scope_hash = ${scopeHash}`);
}

async function insert(count: number, of: string, textOf = madeQuestion): Promise<void> {
  await forget(of);
  const space = spaceOf(ask('', { scope: of }));
  const { tenant, scopeHash } = space;
  const modelId = await new ModelRegistry(db, embed, Date.now).id();
  const { value, createdAt } = answer({ body: new TextEncoder().encode('x'.repeat(1_000)) }, Date.now());
  for (let start = 0; start < count; start += 500) {
    const texts = Array.from({ length: Math.min(500, count - start) }, (_, place) => textOf(start + place));
    await db.primary.execute(sql`with fresh as (
        select t.*, nextval(pg_get_serial_sequence('agent_cache.ac_answer', 'id')) as id
        from unnest(${sql.param(texts)}::text[], ${sql.param(texts.map(promptHashOf))}::bytea[],
          ${sql.param(texts.map((text) => hashedVector(text, embed.dimensions)))}::vector[],
          ${sql.param(texts.map((text) => lexemesOf(text, space).join(' ')))}::text[]) as t(text, hash, vector, words)
      ),
      answers as (
        insert into agent_cache.ac_answer (id, tenant, scope_hash, category, value, tags, sources, created_at, ends_at, must_end_at)
        overriding system value
        select id, ${tenant}, ${scopeHash}, '', ${toBytes(value)}::bytea, '{}', '{}', ${createdAt}, 9e15::bigint, 9e15::bigint from fresh
      )
      insert into agent_cache.ac_prompt (answer_id, tenant, scope_hash, prompt, prompt_hash, words, model_id, embedding, ends_at, learned_at)
      select id, ${tenant}, ${scopeHash}, text, hash, array_to_tsvector(string_to_array(words, ' ')), ${modelId}, vector, 9e15::bigint, ${createdAt} from fresh
      on conflict do nothing`);
    if (process.stderr.isTTY) process.stderr.write(`\r${of}: ${start + texts.length} of ${count}`);
  }
  process.stderr.write(`\r${of}: ${count} wordings\n`);
}
