import { historyMigration } from '../history/migration.ts';
import { indexMigration, pairMigration, verdictMigration } from '../index/migration.ts';
import { tierMigration } from '../postgres-tier/migration.ts';

/** One step of the schema; never changed once released. */
export interface Migration {
  /** its place in the order, from 1 without gaps */
  readonly id: number;
  readonly name: string;
  readonly sql: readonly string[];
}

/** Where all tables are. */
export const schemaName = 'agent_cache';

/** Every table of this package, oldest step first. Append only. */
export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'models of embeddings',
    sql: [
      `create table agent_cache.ac_model (
        id smallint generated always as identity primary key,
        name text not null unique,
        dimensions integer not null
      )`,
    ],
  },
  { id: 2, name: 'exact tier', sql: tierMigration },
  { id: 3, name: 'message history', sql: historyMigration },
  { id: 4, name: 'answers by meaning', sql: indexMigration },
  {
    id: 5,
    name: 'wordings by their end',
    sql: ['create index if not exists ac_prompt_ends_at on agent_cache.ac_prompt (ends_at)'],
  },
  { id: 6, name: 'models without a name', sql: ['alter table agent_cache.ac_model add column probe vector'] },
  { id: 7, name: 'verdicts, and wordings that are not near any other', sql: verdictMigration },
  { id: 8, name: 'bans that outlive their answers', sql: pairMigration },
];
