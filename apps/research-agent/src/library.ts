/** A small library on caching, standing in for the web that a research agent would search. */
export interface Document {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

const documents: readonly Document[] = [
  [
    'ttl',
    'Choosing a time to live',
    'A short life limits how wrong a cached value can be; a long one saves more work. Jitter keeps entries from ending together.',
  ],
  [
    'stampede',
    'The thundering herd',
    'When a popular entry ends, many callers compute it at once. A lease lets one compute while the others wait for its result.',
  ],
  [
    'eviction',
    'What to evict',
    'Recency and frequency predict the next read. Admission by frequency keeps a scan from flushing what is popular.',
  ],
  [
    'invalidation',
    'Invalidation by tag',
    'Giving every tag a place in one sequence makes an invalidation one write, however many entries carry the tag.',
  ],
  [
    'semantic',
    'Answers to similar questions',
    'Two questions that look alike may need different answers, so similarity alone is a poor guide to reuse.',
  ],
  [
    'prefix',
    'Prompt prefixes',
    'Providers keep the state of a prompt prefix for some minutes. Appending to a prompt keeps it; editing its start loses it.',
  ],
].map(([id = '', title = '', text = '']) => ({ url: `library:/${id}`, title, text }));

/** Counts what really happened, to show what the cache spared. */
export const effort: { searches: number; downloads: number } = { searches: 0, downloads: 0 };

/** Finds the documents that share a word with the query. */
export async function search(query: string): Promise<readonly string[]> {
  effort.searches += 1;
  const words = query.toLowerCase().match(/\w{4,}/g) ?? [];
  const matches = ({ title, text }: Document) => words.some((word) => `${title} ${text}`.toLowerCase().includes(word));
  return documents.filter(matches).map(({ url }) => url);
}

export async function download(url: string): Promise<Document> {
  effort.downloads += 1;
  const found = documents.find((document) => document.url === url);
  if (found === undefined) throw new Error(`${url} is not in the library`);
  return found;
}
