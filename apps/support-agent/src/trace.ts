import { readFileSync } from 'node:fs';

const questions = [
  'Where is my parcel?',
  'Where is my order A-1042?',
  'Can you check order A-2210 for me?',
  'How do I reset my password?',
  'How long does delivery take?',
  'Is there next day delivery?',
  'My parcel never arrived. What now?',
  'How do I send something back?',
  'When will I get my money back?',
  'Can I exchange a pen for another colour?',
  'I need an invoice with our VAT number.',
  'Which ways can I pay?',
  'My card was declined, why?',
  'How long is a gift voucher valid?',
  'Can I use a voucher for two orders?',
  'I typed in the wrong address. Can you change it?',
  'Please cancel my order A-3307.',
  'Can I still cancel?',
  'Do you have prices for schools that order 200 notebooks?',
  'The printer I bought last year is broken.',
  'How do I turn on two-factor sign-in?',
  'I lost my recovery codes.',
  'What do you store about me, and how do I delete it?',
  'I would like to talk to a person.',
  'Why does the tracking page not change?',
  'Do I pay for the return label?',
  'How do I get a refund for a lost parcel?',
  'Where do I find my old invoices?',
];

/** A small deterministic generator (mulberry32), so that the trace is the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The trace that ships with the app: few questions are asked often, many rarely, as people do. */
export function builtInTrace(length = 160, seed = 7): readonly string[] {
  const random = generator(seed);
  const weights = questions.map((_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const draw = (): string => {
    let left = random() * total;
    for (const [rank, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return questions[rank] ?? '';
    }
    return questions[0] ?? '';
  };
  return Array.from({ length }, draw);
}

/**
 * Questions from a file of JSON lines with a `text` field each.
 *
 * @throws Error naming the file and line that is not such a line.
 */
export function traceFromFile(file: string, limit: number): readonly string[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(0, limit).map((line, index) => {
    try {
      const { text } = JSON.parse(line) as { text?: unknown };
      if (typeof text === 'string' && text !== '') return text;
    } catch {
      // Falls through to the one message that covers both cases.
    }
    throw new Error(
      `${file}:${index + 1}: each line must be JSON with a "text" string, such as {"text":"Where is my parcel?"}`,
    );
  });
}
