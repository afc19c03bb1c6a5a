import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from './io.ts';

const help = `agent-cache report --journal <file>  what all processes that share a SQLite tier's file did and saved

  --journal <file>    the file of the sqlite tier that the processes write their journal to
  --last <time>       the last 90s, 30m, 24h or 7d (default: all that is kept)
  --namespace <name>  only the caches of this namespace
  --markdown          as Markdown tables
  --json              machine-readable
`;

const options = {
  journal: { type: 'string' },
  last: { type: 'string' },
  namespace: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `agent-cache report`. */
export const reportCommand: Command = {
  name: 'report',
  summary: 'what the caches of this machine did and saved',
  help,
  async run(argv, io) {
    const { values } = parseArgs({ args: [...argv], options });
    const { journal: file, last, namespace, markdown, json } = values;
    if (file === undefined) throw new UsageError('name the file of the journal: --journal <file>.');
    if (markdown && json) throw new UsageError('either --markdown or --json, not both.');
    const since = last === undefined ? {} : { since: Date.now() - durationOf(last) };
    await checkSqliteFile(file);
    const [{ sqliteTier }, { readJournal }] = await Promise.all([
      import('@agent-cache/sqlite-tier'),
      import('@agent-cache/telemetry'),
    ]);
    // A reader must never be the one who makes room in the file.
    const tier = sqliteTier({ file, maxBytes: Number.MAX_SAFE_INTEGER });
    try {
      const report = await readJournal({
        records: tier.records,
        ...since,
        ...(namespace === undefined ? {} : { namespace }),
      });
      if (json) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else io.stdout.write(markdown ? report.toMarkdown() : String(report));
      return 0;
    } finally {
      await tier.close();
    }
  },
};

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(`--last ${text} is no time; write 90s, 30m, 24h or 7d.`);
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}

/** The tier would create a file that is missing, and set one aside that is no database: neither is for a reader to do. */
async function checkSqliteFile(file: string): Promise<void> {
  const magic = 'SQLite format 3\0';
  const handle = await open(file).catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read. Name the file given to sqliteTier({ file }).`, { cause });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    if (buffer.toString('latin1', 0, bytesRead) !== magic) throw new UsageError(`${file} is no SQLite file.`);
  } finally {
    await handle.close();
  }
}
