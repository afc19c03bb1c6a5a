/** Words beyond this are not searched, and Postgres refuses a megabyte of them. */
const maxCharacters = 100_000;

/** A text as Postgres can hold it. */
export function searchedText(text: string): string {
  return text.slice(0, maxCharacters).replaceAll('\0', ' ').toWellFormed();
}
