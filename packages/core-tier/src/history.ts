import type { Storable } from './entry.ts';

export interface Message {
  readonly id: string;
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: Storable;
  readonly at: number;
  readonly metadata?: Readonly<Record<string, Storable>> | undefined;
}

export interface MessageHistory {
  /** durable before it resolves; idempotent by message id; returns each message's place in the thread */
  append(thread: string, messages: readonly Message[]): Promise<readonly number[]>;
  last(thread: string, limit: number): Promise<readonly Message[]>;
  search(
    thread: string,
    query: string,
    options: {
      readonly limit: number;
      readonly roles?: readonly Message['role'][];
      readonly since?: number;
      readonly until?: number;
    },
  ): Promise<readonly Message[]>;
  replace(thread: string, id: string, message: Message): Promise<boolean>;
  drop(thread: string): Promise<boolean>;
  dropUser?(user: string): Promise<number>;
  onChange?(listener: (thread: string) => void): () => void;
}
