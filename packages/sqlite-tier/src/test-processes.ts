import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Question } from './test-child.ts';

/** A process of its own that works with a tier. */
export interface TestProcess {
  ask(question: Question): Promise<unknown>;
  /** Calls back with every message that is no answer. */
  onNews(listener: (news: { readonly change?: unknown; readonly acknowledged?: number }) => void): void;
  /** kill -9; resolves when the process is gone */
  kill(): Promise<void>;
}

export async function startProcess(file: string): Promise<TestProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./test-child.ts', import.meta.url)), {
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
  const process: TestProcess = {
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
  await process.ask({ do: 'open', file });
  return process;
}
