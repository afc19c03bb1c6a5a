/** Where a command writes; `process` fits. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** What the command ends with: as `grep` and `diff` do, 1 is an answer (not found, different) and 2 is trouble. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** one line for the list of commands */
  readonly summary: string;
  readonly help: string;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

/** Wrong arguments: the message is all the user needs to see. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
