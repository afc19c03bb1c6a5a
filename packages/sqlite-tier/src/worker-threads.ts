import { Worker } from 'node:worker_threads';

/** How long a thread without work is kept for the next file: starting one takes longer than opening and closing many files. */
const spareMs = 1_000;

let spare: Worker | undefined;
let spareTimer: NodeJS.Timeout | undefined;

/** A thread that waits for its first message: the settings of the file it is to work on. Does not keep the process alive. */
export function takeThread(): Worker {
  const thread = spare ?? startThread();
  forgetSpare();
  return thread;
}

/** Gives back a thread that has closed its file. */
export async function returnThread(thread: Worker): Promise<void> {
  dropListeners(thread);
  if (spare !== undefined) {
    await thread.terminate();
    return;
  }
  thread.once('exit', forgetSpare);
  thread.once('error', forgetSpare);
  spare = thread;
  spareTimer = setTimeout(() => {
    const unused = spare;
    forgetSpare();
    void unused?.terminate();
  }, spareMs);
  spareTimer.unref();
}

function forgetSpare(): void {
  clearTimeout(spareTimer);
  if (spare !== undefined) dropListeners(spare);
  spare = undefined;
}

// By name: a Worker listens to itself for its own purposes.
function dropListeners(thread: Worker): void {
  for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event);
}

function startThread(): Worker {
  // The same file in the source tree and in the build, under the extension it has there.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  // Nothing of the process's environment, hooks or flags is of use in there.
  const thread = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    name: 'agent-cache-sqlite',
    env: {},
    execArgv: [],
  });
  thread.unref();
  return thread;
}
