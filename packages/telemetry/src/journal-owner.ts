/**
 * Where the journal lives among the records of a tier: one owner per process and hour, so that what is old goes away by the owner's own
 * life, and a reader of an hour finds every process by listing one prefix. `%3A` keeps it apart from every thread that is not itself named
 * `agent-cache:journal:…`.
 */
export const JOURNAL_PREFIX = 'agent-cache%3Ajournal%3A';
export const MINUTE_MS = 60_000;
export const HOUR_MS: number = 60 * MINUTE_MS;

export function journalOwner(hour: number, process: string): string {
  return `${JOURNAL_PREFIX}${hour}%3A${encodeURIComponent(process)}/journal`;
}

/** The hour (since the epoch) and the process of an owner; undefined when it is none of the journal's. */
export function parseJournalOwner(owner: string): { readonly hour: number; readonly process: string } | undefined {
  const [, hour, process] = /^agent-cache%3Ajournal%3A(\d+)%3A([^/]*)\/journal$/.exec(owner) ?? [];
  return hour === undefined || process === undefined ? undefined : { hour: Number(hour), process };
}

export const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);
export const hourOfMinute = (minute: number): number => Math.floor(minute / 60);
