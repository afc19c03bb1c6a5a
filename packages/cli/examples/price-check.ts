import { type Io, main } from '@agent-cache/cli';

/** What a script in CI could ask: is this model's price known, and what is it? */
export async function priceCheck(model: string): Promise<unknown> {
  let output = '';
  const stdout = {
    write: (text: string): void => {
      output += text;
    },
  };
  const io: Io = { stdout, stderr: process.stderr };
  const code = await main(['prices', model, '--json'], io);
  return code === 0 ? JSON.parse(output) : undefined;
}

if (import.meta.main) console.log(await priceCheck('gpt-4o'));
