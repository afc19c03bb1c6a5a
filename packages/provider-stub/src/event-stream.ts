import { tokensOf } from './prompt-blocks.ts';
import type { Frame } from './provider-api.ts';

/** One frame of an event stream; `event` is its name, for APIs that name them. */
export function frame(data: unknown, { event, tokens = 0 }: { event?: string; tokens?: number } = {}): Frame {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { text: `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`, tokens };
}

/** Characters of a streamed piece: a few words at once, as providers send them. */
const PIECE_CHARACTERS = 20;

/** A text in the pieces a stream delivers it in; no piece cuts a character in two. */
export function piecesOf(text: string): { readonly piece: string; readonly tokens: number }[] {
  const characters = Array.from(text);
  const pieces: { piece: string; tokens: number }[] = [];
  for (let at = 0; at < characters.length; at += PIECE_CHARACTERS) {
    const piece = characters.slice(at, at + PIECE_CHARACTERS).join('');
    pieces.push({ piece, tokens: tokensOf(piece) });
  }
  return pieces;
}
