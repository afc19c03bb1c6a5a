import { expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

test('a hundred callers are one download, and one more after the invalidation', async () => {
  expect(await readDocuments()).toEqual({ downloads: 1, afterInvalidation: 1 });
});
