// A process that saves one fixture again and again until it is killed; each save has answers of its own, and prints a dot.
import { openReplay } from './open-replay.ts';

const [file = ''] = process.argv.slice(2);
const url = 'https://api.example.com/v1/chat/completions';

for (let save = 0; ; save++) {
  const answer = `${save} `.repeat(300);
  await using session = await openReplay({
    file,
    mode: 'record',
    environment: {},
    fetch: async () => Response.json({ answer }),
  });
  for (let call = 0; call < 60; call++) await session.fetch(url, { method: 'POST', body: JSON.stringify({ call }) });
  await session.commit();
  process.stdout.write('.');
}
