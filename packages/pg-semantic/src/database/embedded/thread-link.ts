import { PostgresError } from '../errors.ts';
import { Link } from './link.ts';
import { startThread } from './thread.ts';
import type { EngineSettings, Note, Reply } from './wire.ts';

/** A link in use. */
export interface HeldLink {
  readonly link: Link;
  /** resolves when the other side has ended, for whatever reason */
  readonly ended: Promise<void>;
  /** everything asked for before is done when this resolves */
  close(): Promise<void>;
}

/**
 * Starts an engine in a thread.
 *
 * @throws PostgresError with code ERR_PG_SEMANTIC_DIRECTORY when the database cannot be opened
 */
export async function openThread(settings: EngineSettings): Promise<HeldLink> {
  const thread = startThread(settings);
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  await opened(thread, settings);
  const link = new Link({
    send: (request) => thread.postMessage(request),
    hold: (alive) => (alive ? thread.ref() : thread.unref()),
  });
  thread.on('message', (message: Reply | Note) => link.receive(message));
  thread.on('error', (error) => link.lose(error));
  void ended.then(() => link.lose());
  return {
    link,
    ended,
    close: async () => {
      thread.ref();
      thread.postMessage('close');
      await ended;
    },
  };
}

async function opened(thread: ReturnType<typeof startThread>, settings: EngineSettings): Promise<void> {
  thread.ref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (cause: unknown): void => reject(unusable(settings, cause));
  thread.once('message', () => resolve());
  thread.once('error', failed);
  thread.once('exit', failed);
  try {
    await promise;
  } finally {
    thread.removeListener('error', failed);
    thread.removeListener('exit', failed);
    thread.unref();
  }
}

function unusable({ directory }: EngineSettings, cause: unknown): PostgresError {
  const reason = cause instanceof Error ? cause.message : 'the thread ended';
  const where = directory === undefined ? 'in memory' : `in ${directory}`;
  return new PostgresError(
    'ERR_PG_SEMANTIC_DIRECTORY',
    `the embedded Postgres ${where} does not open: ${reason}. Nothing was deleted; if the directory is damaged, move it away or name another as "dataDir"`,
    { cause },
  );
}
