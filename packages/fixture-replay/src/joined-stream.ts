import { payloadOf } from './event-text.ts';
import type { RecordedEvent } from './fixture-format.ts';
import { parseJson } from './json-value.ts';

/** Fields that say to which of several texts under way a piece belongs. */
const discriminators = ['index', 'output_index', 'content_index', 'item_id', 'type'];

/**
 * The texts that a stream delivers in pieces, each put together: what a client reads. A secret cut apart by events is seen here and nowhere
 * else. Pieces belong together when they stand at one place of their events; places are told apart by `index` and the like, and, since not
 * every event repeats those, joined without them as well.
 */
export function joinedTexts(events: readonly RecordedEvent[]): string[] {
  const apart = new Map<string, string>();
  const together = new Map<string, string>();
  const add = (texts: Map<string, string>, place: string, piece: string): void => {
    texts.set(place, (texts.get(place) ?? '') + piece);
  };
  const walk = (value: unknown, place: string, exact: string): void => {
    if (typeof value === 'string') {
      add(together, place, value);
      add(apart, exact, value);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const marks = Array.isArray(value) ? '' : marksOf(value as Record<string, unknown>);
    for (const [name, inner] of Object.entries(value)) walk(inner, `${place}/${name}`, `${exact}${marks}/${name}`);
  };
  for (const event of events) {
    const payload = payloadOf(event);
    const value = parseJson(payload);
    if (value === undefined) add(together, '', payload);
    else walk(value, '/', '/');
  }
  return [...new Set([...apart.values(), ...together.values()])];
}

function marksOf(value: Readonly<Record<string, unknown>>): string {
  return discriminators.map((name) => (value[name] === undefined ? '' : `#${String(value[name])}`)).join('');
}
