import type { Message } from '@agent-cache/core-tier';
import type { Database } from '../database/database.ts';
import type { EmbedFunction } from '../embed/embed-function.ts';
import { embedderFrom } from '../embed/function-embedder.ts';
import type { Embedder } from '../embedder.ts';

/** Options of `messageHistory`. */
export interface MessageHistoryOptions {
  /** from `openPostgres` */
  readonly db: Database;
  /** Turns messages into vectors. See `semanticIndex` for what a function means. */
  readonly embed: Embedder | EmbedFunction;
  /**
   * Histories of different tenants know nothing of each other. At most 200 characters.
   * @default 'default'
   */
  readonly tenant?: string | undefined;
  /**
   * Whose message it is, for `dropUser`.
   * @default the text at `metadata.user`
   */
  readonly userOf?: ((thread: string, message: Message) => string | undefined) | undefined;
  /**
   * What of a message is searched.
   * @default its content when that is a text, else every text inside it
   */
  readonly textOf?: ((message: Message) => string) | undefined;
  /**
   * A text search configuration of Postgres: whose small words count for nothing and whose endings are cut. `simple` does neither.
   * @default 'english'
   */
  readonly language?: string | undefined;
}

/** Options with their defaults, checked. */
export type HistorySettings = {
  readonly [Name in keyof Omit<MessageHistoryOptions, 'embed'>]-?: Exclude<MessageHistoryOptions[Name], undefined>;
} & { readonly embed: Embedder };

const maxTenant = 200;

/** @throws TypeError naming the option and what it may be */
export function historySettingsOf(options: MessageHistoryOptions): HistorySettings {
  const {
    db,
    embed,
    tenant = 'default',
    userOf = userInMetadata,
    textOf = textOfContent,
    language = 'english',
  } = options;
  if (typeof db?.primary?.execute !== 'function') {
    throw new TypeError('messageHistory: "db" must be what openPostgres() resolves with');
  }
  if (tenant === '' || tenant.length > maxTenant || !tenant.isWellFormed() || tenant.includes('\0')) {
    throw new TypeError(`messageHistory: "tenant" must be a text of 1 to ${maxTenant} characters`);
  }
  if (!/^[a-z_]+$/.test(language)) {
    throw new TypeError(`messageHistory: "language" must be the name of a text search configuration, like english`);
  }
  return { db, embed: embedderFrom(embed, 'messageHistory'), tenant, userOf, textOf, language };
}

function userInMetadata(_thread: string, { metadata }: Message): string | undefined {
  const user = metadata?.user;
  return typeof user === 'string' ? user : undefined;
}

function textOfContent({ content }: Message): string {
  return textIn(content);
}

/** Texts at any depth, without the names of fields. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (typeof content !== 'object' || content === null || content instanceof Uint8Array) return '';
  return Object.values(content)
    .map(textIn)
    .filter((text) => text !== '')
    .join('\n');
}
