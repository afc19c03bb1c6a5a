import { createCache } from '@agent-cache/core-tier';
import { mapTier } from './map-tier.ts';

export interface Figures {
  readonly downloads: number;
  readonly afterInvalidation: number;
}

/** A hundred callers want the same document: one download. An invalidation of its tag makes the next caller download it again. */
export async function readDocuments(): Promise<Figures> {
  const cache = createCache({ tiers: [mapTier()], ttlMs: 60_000 });
  let downloads = 0;
  const download = async (name: string): Promise<string> => {
    downloads += 1;
    return `text of ${name}`;
  };
  const read = (): Promise<string> => cache.getOrSet('manual', () => download('manual'), { tags: ['docs'] });
  await Promise.all(Array.from({ length: 100 }, read));
  const before = downloads;
  await cache.invalidate({ tags: ['docs'] });
  await read();
  await cache.close();
  return { downloads: before, afterInvalidation: downloads - before };
}
