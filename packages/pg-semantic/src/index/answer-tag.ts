/** The tag under which copies of an answer are found in exact tiers. */
export function answerTagOf(answerId: string | number): string {
  return `@answer:${answerId}`;
}
