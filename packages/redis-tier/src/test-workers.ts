import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Question } from './test-worker.ts';

/** A process of its own with a cache over memory and Redis. */
export interface Worker {
  ask<T = unknown>(question: Question): Promise<T>;
  /** Resolves with the next message that is no answer. */
  news<T = unknown>(): Promise<T>;
  onNews(listener: (news: never) => void): void;
  /** kill -9; resolves when the process is gone */
  kill(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly news?: unknown;
}

export async function startWorker(url: string, namespace: string, leaseMs?: number): Promise<Worker> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./test-worker.ts', import.meta.url)), {
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
  const listeners = new Set<(message: Message) => void>();
  child.on('message', (message: Message) => {
    for (const listener of [...listeners]) listener(message);
  });
  const next = <T>(pick: (message: Message) => boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const listener = (message: Message): void => {
        if (!pick(message)) return;
        listeners.delete(listener);
        if (message.error === undefined) resolve((message.id === undefined ? message.news : message.result) as T);
        else reject(new Error(message.error));
      };
      listeners.add(listener);
    });
  let lastId = 0;
  const worker: Worker = {
    ask: (question) => {
      lastId += 1;
      const id = lastId;
      child.send({ id, question });
      return next((message) => message.id === id);
    },
    news: () => next((message) => message.id === undefined),
    onNews: (listener) => {
      listeners.add((message) => message.id === undefined && listener(message.news as never));
    },
    kill,
  };
  await worker.ask({ do: 'open', url, namespace, ...(leaseMs && { leaseMs }) });
  return worker;
}
