import type { PrefixTtl } from './cache-rules.ts';
import type { Path } from './json.ts';

/** Where a block stands: the order in which providers read a prompt. */
export type PromptSection = 'tools' | 'system' | 'messages';

/** One piece of a prompt as a prompt cache sees it. */
export interface PromptBlock {
  readonly section: PromptSection;
  readonly role: string;
  readonly path: Path;
  /** which message it is part of; -1 outside the conversation */
  readonly message: number;
  /** what the model reads, with everything that could change it */
  readonly text: string;
  /** estimated */
  readonly tokens: number;
  readonly endsMessage: boolean;
  /** whether the provider takes a marker on it */
  readonly markable: boolean;
  /** the marker it carries already */
  readonly marked?: PrefixTtl | undefined;
}

/** Estimates the tokens of a text. */
export type CountTokens = (text: string) => number;

/** Four characters to a token: low for code and most languages, so a prefix that passes is long enough as a rule. */
export const estimateTokens: CountTokens = (text) => Math.ceil(text.length / 4);

/** An image or a file says nothing about its tokens in base64. */
export const MEDIA_TOKENS = 1_500;

export const MEDIA: RegExp =
  /^(image|document|file|audio|video|input_image|input_file|input_audio|image_url|inlineData|fileData)$/;
