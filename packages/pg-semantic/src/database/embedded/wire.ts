import type { Row } from '../connection.ts';

/** Of the messages in this file, between processes. Raise it with every change to them. */
export const protocolVersion = 1;

/** What is asked of the embedded Postgres, over a thread's port or a socket. `turn` names a transaction of the one who asks. */
export type Request =
  | {
      readonly id: number;
      readonly does: 'query';
      readonly text: string;
      readonly parameters: readonly unknown[];
      readonly arrays: boolean;
      readonly turn?: number | undefined;
    }
  | { readonly id: number; readonly does: 'script'; readonly text: string; readonly turn?: number | undefined }
  | { readonly id: number; readonly does: 'begin'; readonly turn: number }
  | { readonly id: number; readonly does: 'end'; readonly turn: number; readonly commit: boolean }
  | { readonly id: number; readonly does: 'listen'; readonly channel: string }
  | { readonly id: number; readonly does: 'dump' };

/** What can be asked, without the number of the request. */
export type Ask = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

export interface Failure {
  readonly message: string;
  /** Postgres' own code */
  readonly sqlState?: string | undefined;
  /** the engine is no longer usable: another has to be started */
  readonly fatal?: boolean | undefined;
}

export type Reply =
  | { readonly id: number; readonly rows: readonly Row[] }
  | { readonly id: number; readonly dump: Uint8Array }
  | { readonly id: number; readonly failure: Failure };

/** Nobody asked for it: a notification. */
export interface Note {
  readonly channel: string;
  readonly note: string;
}

/** The owner is about to end: ask nothing more here, what was asked is answered. */
export interface Goodbye {
  readonly goodbye: true;
}

/** What the thread is started with. */
export interface EngineSettings {
  /** the directory of the database; without one it is in memory */
  readonly directory?: string | undefined;
  /** where to make that directory when it is not there: one that was never finished must not be taken for a database */
  readonly draft?: string | undefined;
  /** a tar archive to start from instead of an empty database */
  readonly snapshot?: Uint8Array | undefined;
  /** where to serve other processes */
  readonly socket?: string | undefined;
}
