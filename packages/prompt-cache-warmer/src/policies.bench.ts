import { policyRow, policyTable } from './policy-table.ts';
import { standardTraces } from './traces.ts';

/** The policy table of the README: what one prefix of 10,000 tokens costs under each policy. */
for (const model of ['claude-opus-5-5', 'claude-haiku-4-5']) {
  const started = process.cpuUsage();
  const rows = standardTraces().map((trace) => policyRow(trace, { model }));
  const { user, system } = process.cpuUsage(started);
  console.log(`\n${model}, US dollars per 1,000 requests\n\n${policyTable(rows)}`);
  console.log(`(${Math.round((user + system) / 1_000)} ms of processor time)`);
}
