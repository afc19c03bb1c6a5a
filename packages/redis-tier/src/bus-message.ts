import type { Epoch } from '@agent-cache/core-tier';
import { fromWire, toWire } from './text.ts';

/** What is announced on the bus of a namespace. */
export type BusMessage =
  /** the value of a key was written */
  | { readonly kind: 'written'; readonly source: string; readonly key: string }
  | { readonly kind: 'deleted'; readonly source: string; readonly key: string; readonly epoch: Epoch }
  /** a lease ended without a value */
  | { readonly kind: 'ended'; readonly source: string; readonly key: string }
  | { readonly kind: 'bumped'; readonly source: string; readonly tags: readonly string[]; readonly epoch: Epoch }
  | { readonly kind: 'cleared'; readonly source: string }
  /** an echo for the sender itself */
  | { readonly kind: 'beat'; readonly source: string; readonly beat: string };

/** Texts for scripts to publish; those of `deleted` and `bumped` get their place and generation there. */
export const busText = {
  written: (source: string, key: string): string => `w${source} ${toWire(key)}`,
  deleted: (source: string, key: string): string => `d${source} ${toWire(key)}`,
  ended: (source: string, key: string): string => `e${source} ${toWire(key)}`,
  bumped: (source: string): string => `t${source}`,
  cleared: (source: string): string => `a${source} `,
  beat: (source: string, beat: string): string => `h${source} ${beat}`,
};

/** The message, or undefined when it is none of this version. */
export function readBusMessage(text: string): BusMessage | undefined {
  const space = text.indexOf(' ');
  const source = text.slice(1, space);
  const rest = text.slice(space + 1);
  switch (text[0]) {
    case 'w':
      return { kind: 'written', source, key: fromWire(rest) };
    case 'e':
      return { kind: 'ended', source, key: fromWire(rest) };
    case 'd': {
      const { epoch, last } = placed(rest);
      return { kind: 'deleted', source, key: fromWire(last), epoch };
    }
    case 't': {
      const { epoch, last } = placed(rest);
      return { kind: 'bumped', source, tags: JSON.parse(last) as string[], epoch };
    }
    case 'a':
      return { kind: 'cleared', source };
    case 'h':
      return { kind: 'beat', source, beat: rest };
    default:
      return undefined;
  }
}

function placed(text: string): { readonly epoch: Epoch; readonly last: string } {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  const epoch = { sequence: Number(text.slice(0, first)), generation: text.slice(first + 1, second) };
  return { epoch, last: text.slice(second + 1) };
}
