import type { Database } from '../database/database.ts';
import { CommonWords } from './common-words.ts';
import { Counts } from './counts.ts';
import { Journal } from './journal.ts';
import { Lessons } from './lessons.ts';
import { ModelRegistry } from './model-registry.ts';
import { NearIndexes } from './near-indexes.ts';
import { Rest } from './rest.ts';
import type { Settings } from './settings.ts';
import { Tickets } from './tickets.ts';
import { Vectors } from './vectors.ts';

/** What the parts of one index share. */
export interface Site {
  readonly settings: Settings;
  readonly db: Database;
  readonly vectors: Vectors;
  readonly models: ModelRegistry;
  readonly nearIndexes: NearIndexes;
  readonly commonWords: CommonWords;
  readonly lessons: Lessons;
  readonly journal: Journal;
  readonly tickets: Tickets;
  readonly counts: Counts;
  readonly databaseRest: Rest;
  readonly embedderRest: Rest;
}

export function siteOf(settings: Settings): Site {
  const { db, embed, restMs, now } = settings;
  const models = new ModelRegistry(db, embed, now);
  return {
    settings,
    db,
    models,
    vectors: new Vectors(embed),
    nearIndexes: new NearIndexes(db, embed, models),
    commonWords: new CommonWords(db),
    lessons: new Lessons(db, settings, models),
    journal: new Journal(db, settings),
    tickets: new Tickets(),
    counts: new Counts(),
    databaseRest: new Rest(restMs, now),
    embedderRest: new Rest(restMs, now),
  };
}
