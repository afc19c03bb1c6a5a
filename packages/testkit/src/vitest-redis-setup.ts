import type { TestProject } from 'vitest/node';
import { obtainRedis } from './redis-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** a Redis or Valkey that all tests of the project share; each keeps to a namespace of its own */
    readonly redisUrl: string;
  }
}

/** One server for the whole project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await obtainRedis();
  project.provide('redisUrl', server.url);
  return () => server.stop();
}
