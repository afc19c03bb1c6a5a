/** Begins a text that is written as JSON. */
const escapeMark = '\u0000';

/**
 * A text as it goes to the server. UTF-8 has no way to write a lone surrogate: two texts that differ only there would become one key, so
 * such a text is written as JSON, which has.
 */
export function toWire(text: string): string {
  return text.isWellFormed() && !text.startsWith(escapeMark) ? text : escapeMark + JSON.stringify(text);
}

/** The text that `toWire` was given. */
export function fromWire(wire: string): string {
  return wire.startsWith(escapeMark) ? (JSON.parse(wire.slice(1)) as string) : wire;
}
