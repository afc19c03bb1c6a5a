import { shorten } from './format.ts';

/** A block of a report: the same for text and Markdown. The first column is flushed left, the others are figures, flushed right. */
export interface Section {
  readonly title: string;
  /** heads of the columns after the first */
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
  readonly notes?: readonly string[];
}

export interface Row {
  readonly label: string;
  readonly cells: readonly string[];
  /** part of the row above it */
  readonly indent?: boolean;
}

const GAP = '  ';
const MAX_WIDTH = 100;
const MIN_LABEL_WIDTH = 12;

/** Plain text with aligned columns, no wider than 100 characters. */
export function toText(sections: readonly Section[]): string {
  const labelWidth = Math.max(...sections.flatMap(({ title, rows }) => [title.length, ...rows.map(textLabelWidth)]));
  return `${sections.map((section) => sectionText(section, labelWidth)).join('\n\n')}\n`;
}

/** GitHub-flavoured Markdown tables. */
export function toMarkdown(sections: readonly Section[]): string {
  return `${sections.map(sectionMarkdown).join('\n\n')}\n`;
}

function sectionText({ title, heads, rows, notes = [] }: Section, labelWidth: number): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map(({ cells }) => (cells[column] ?? '').length)),
  );
  const room = MAX_WIDTH - widths.reduce((sum, width) => sum + GAP.length + width, 0);
  const first = Math.min(labelWidth, Math.max(room, MIN_LABEL_WIDTH));
  const line = (label: string, cells: readonly string[]): string =>
    [shorten(label, first).padEnd(first), ...widths.map((width, column) => (cells[column] ?? '').padStart(width))]
      .join(GAP)
      .trimEnd();
  const head = line(title, heads);
  const body = rows.map((row) => line(textLabel(row), row.cells));
  const width = Math.min(MAX_WIDTH, Math.max(head.length, ...body.map((text) => text.length)));
  return [head, '─'.repeat(width), ...body, ...notes.flatMap(wrap)].join('\n');
}

function textLabel({ label, indent }: Row): string {
  return indent ? `${GAP}${label}` : label;
}

function textLabelWidth(row: Row): number {
  return textLabel(row).length;
}

/** Breaks a sentence at spaces, so that it stays within the width. */
function wrap(note: string): string[] {
  const lines: string[] = [];
  for (const word of note.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= MAX_WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, MAX_WIDTH));
  }
  return lines;
}

function sectionMarkdown({ title, heads, rows, notes = [] }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const body = rows.map(({ label, cells, indent }) => {
    const filled = heads.map((_, column) => cells[column] ?? '');
    return line([indent ? `\u2003${label}` : label, ...filled]);
  });
  const table = [line([title, ...heads]), line(['---', ...heads.map(() => '---:')]), ...body].join('\n');
  return [table, ...notes.map(escapeText)].join('\n\n');
}

/** A name is data: it must not end its cell or start a tag. */
function escapeCell(text: string): string {
  return text.replace(/[\\|`*[\]<>]/g, '\\$&').replace(/\s+/g, ' ');
}

function escapeText(text: string): string {
  return text.replace(/[\\`*[\]<>]/g, '\\$&');
}
