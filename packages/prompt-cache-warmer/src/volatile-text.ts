/** What in a text is likely to differ from request to request. */
export interface VolatileText {
  readonly kind: 'timestamp' | 'random id';
  /** where in the text it begins */
  readonly index: number;
}

const CLOCK =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b\d{1,2}:\d\d(:\d\d)?\s?([ap]\.?m\.?|UTC|GMT)\b|\b\d{2}:\d\d:\d\d\b|\b1[6-9]\d{11}\b|\b1[6-9]\d{8}\b/i;
const RANDOM_ID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/i;

/** Longer texts are not searched: what changes in them is data, not a clock in a prompt. */
const MAX_SEARCHED = 200_000;

/** The first thing in a text that looks like a clock or a random id. */
export function volatileIn(text: string): VolatileText | undefined {
  const searched = text.slice(0, MAX_SEARCHED);
  const clock = CLOCK.exec(searched);
  const id = RANDOM_ID.exec(searched);
  if (clock && (id === null || clock.index <= id.index)) return { kind: 'timestamp', index: clock.index };
  return id === null ? undefined : { kind: 'random id', index: id.index };
}
