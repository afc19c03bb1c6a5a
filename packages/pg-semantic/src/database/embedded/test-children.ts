import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { News, Order } from './test-child.ts';

/** A process of its own. */
export interface Child {
  /** resolves with the first news of this kind from now on */
  order<Kind extends News['is']>(order: Order, answer: Kind): Promise<Extract<News, { is: Kind }>>;
  onNews(listener: (news: News) => void): void;
  readonly isAlive: boolean;
  /** kill -9; resolves when the process is gone */
  kill(): Promise<void>;
}

/** Starts one; whoever does kills it in the end. */
export function startChild(): Child {
  const child: ChildProcess = fork(fileURLToPath(new URL('./test-child.ts', import.meta.url)), {
    execArgv: ['--conditions=@agent-cache/source'],
  });
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    if (!isAlive()) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    kill,
    get isAlive() {
      return isAlive();
    },
    onNews: (listener) => child.on('message', listener),
    order: <Kind extends News['is']>(order: Order, answer: Kind) =>
      new Promise<Extract<News, { is: Kind }>>((resolve) => {
        const receive = (news: News): void => {
          if (news.is !== answer) return;
          child.off('message', receive);
          resolve(news as Extract<News, { is: Kind }>);
        };
        child.on('message', receive);
        child.send(order);
      }),
  };
}
