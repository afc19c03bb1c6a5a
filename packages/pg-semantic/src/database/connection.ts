/** A row as an object by column name, or as an array in the order of the columns. */
export type Row = Readonly<Record<string, unknown>> | readonly unknown[];

/** What runs statements, one after the other. */
export interface Session {
  /** One statement; `arrays` asks for rows as arrays. */
  query(text: string, parameters: readonly unknown[], arrays: boolean): Promise<readonly Row[]>;
  /** Statements without parameters, separated by semicolons. */
  script(text: string): Promise<void>;
}

/** A database as drivers see it: statements of its own sessions, transactions, and an end. */
export interface Connection extends Session {
  /** Commits when the work resolves, rolls back when it rejects. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** One statement that may take as long as it needs, outside a transaction. */
  maintain(statement: string): Promise<void>;
  /** Hears what `pg_notify` says on a channel, from now until the returned function is called. */
  listen(channel: string, listener: NoteListener): () => void;
  close(): Promise<void>;
}

/** Who hears notifications. */
export interface NoteListener {
  /** one notification's payload */
  note(text: string): void;
  /** from here on every notification is heard */
  up(): void;
  /** some may be lost from here on */
  down(): void;
}
