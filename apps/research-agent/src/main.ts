/** Asks the research agent three questions twice, and shows what the second round cost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProviderStub } from '@agent-cache/provider-stub';
import { effort } from './library.ts';
import { createResearcher } from './research.ts';

const questions = [
  'How long should a cached value live?',
  'How do I keep many callers from computing the same entry?',
  'When may similar questions share an answer?',
];

const server = await startProviderStub();
const folder = await mkdtemp(join(tmpdir(), 'research-agent-'));
const researcher = await createResearcher({
  file: join(folder, 'cache.sqlite'),
  openaiUrl: server.openaiUrl,
  apiKey: 'sk-demo',
});
const rows = [];
for (const round of ['first', 'second']) {
  const before = { ...effort, calls: server.requests.length };
  for (const question of questions) {
    const [best] = await researcher.research(question);
    if (round === 'first') console.log(`${question}\n  ${best?.document.title}: ${best?.document.text}\n`);
  }
  rows.push({
    round,
    searches: effort.searches - before.searches,
    downloads: effort.downloads - before.downloads,
    'embedding calls': server.requests.length - before.calls,
  });
}
console.table(rows);
await researcher.close();
await server.close();
await rm(folder, { recursive: true, force: true });
