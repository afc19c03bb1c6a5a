import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CacheQuestion } from './test-cache-child.ts';
import type { Question } from './test-child.ts';

/** A process of its own that works with a tier. */
export interface TestProcess<Asked> {
  ask(question: Asked): Promise<unknown>;
  /** Calls back with every message that is no answer. */
  onNews(listener: (news: { readonly change?: unknown; readonly acknowledged?: number }) => void): void;
  /** kill -9; resolves when the process is gone */
  kill(): Promise<void>;
}

/** With a tier alone. */
export function startProcess(file: string): Promise<TestProcess<Question>> {
  return start<Question>('./test-child.ts', file);
}

/** With a cache over memory and the file. */
export function startCacheProcess(file: string): Promise<TestProcess<CacheQuestion>> {
  return start<CacheQuestion>('./test-cache-child.ts', file);
}

async function start<Asked extends Question | CacheQuestion>(
  program: string,
  file: string,
): Promise<TestProcess<Asked>> {
  const child: ChildProcess = fork(fileURLToPath(new URL(program, import.meta.url)), {
    execArgv: ['--conditions=@agent-cache/source'],
    serialization: 'advanced',
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  let lastId = 0;
  const process: TestProcess<Asked> = {
    ask: (question) => {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const receive = (message: { id?: number; result?: unknown; error?: string }): void => {
          if (message.id !== id) return;
          child.off('message', receive);
          if (message.error === undefined) resolve(message.result);
          else reject(new Error(message.error));
        };
        child.on('message', receive);
        child.send({ id, question });
      });
    },
    onNews: (listener) => {
      child.on('message', (message: { id?: number; change?: unknown; acknowledged?: number }) => {
        if (message.id === undefined) listener(message);
      });
    },
    kill,
  };
  // Both programs know this one.
  await process.ask({ do: 'open', file } as Asked);
  return process;
}
