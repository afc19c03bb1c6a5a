import type { Change, Epoch } from '@agent-cache/core-tier';

/** What Postgres carries in one notification. */
const maxNoteBytes = 7_800;

/** What a tier tells the others; the epoch of a bump is added where it is made. */
export type Note = { readonly source: string } & (
  | { readonly keys: readonly string[] }
  | { readonly tags: readonly string[]; readonly epoch?: Epoch }
  | { readonly all: true }
  /** too much to tell: ask */
  | { readonly much: true }
);

export function keysNote(source: string, keys: readonly string[]): string {
  return noteOf({ source, keys });
}

export function allNote(source: string): string {
  return noteOf({ source, all: true });
}

/** Without its closing brace. */
export function tagsNote(source: string, tags: readonly string[]): string {
  return noteOf({ source, tags }).slice(0, -1);
}

function noteOf(note: Note): string {
  const text = JSON.stringify(note);
  return Buffer.byteLength(text) <= maxNoteBytes ? text : JSON.stringify({ source: note.source, much: true });
}

/** What listeners are told, one change after the other. */
export function changesOf(note: Note): readonly Change[] {
  if ('keys' in note) return [{ keys: note.keys }];
  if ('all' in note) return ['all'];
  if ('tags' in note && note.epoch !== undefined) return [{ tags: note.tags, epoch: note.epoch }];
  return ['unsure', 'in-step'];
}
