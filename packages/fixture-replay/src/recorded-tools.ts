import { canonicalJson } from '@agent-cache/core-key';
import { ReplayError } from './errors.ts';
import type { ToolRecord } from './fixture-format.ts';
import { isObject, objectOf } from './json-value.ts';
import type { Redactor } from './redact.ts';

type Run = (...args: never[]) => unknown;

/** What wrapped tools ask of their session. */
export interface ToolRecorder {
  /** Runs a tool and writes its result down, or gives the recorded one. */
  run(name: string, input: unknown, tool: () => unknown): Promise<unknown>;
}

/** The same tools, each run through a recorder: functions, and objects with an `execute` function as the AI SDK has them. */
export function wrapTools<Tools extends Readonly<Record<string, unknown>>>(
  tools: Tools,
  recorder: ToolRecorder,
): Tools {
  const wrapped = Object.entries(tools).map(([name, tool]) => [name, wrapTool(name, tool, recorder)]);
  return Object.fromEntries(wrapped) as Tools;
}

function wrapTool(name: string, tool: unknown, recorder: ToolRecorder): unknown {
  const through =
    (run: Run, self: unknown) =>
    (...args: never[]): unknown =>
      recorder.run(name, args[0], () => run.apply(self, args));
  if (typeof tool === 'function') return through(tool as Run, undefined);
  const { execute } = objectOf(tool);
  return isObject(tool) && typeof execute === 'function' ? { ...tool, execute: through(execute as Run, tool) } : tool;
}

/** Runs the tools and keeps what they gave. */
export function toolRecording(redactor: Redactor): ToolRecorder & { records(): ToolRecord[] } {
  const records: ToolRecord[] = [];
  const keep = (at: number, record: ToolRecord): void => {
    records[at] = redactor.value(record) as ToolRecord;
  };
  return {
    records: () => records.filter(Boolean),
    async run(name, input, tool) {
      const at = records.push(redactor.value({ name, input: asJson(name, input) }) as ToolRecord) - 1;
      try {
        const output = await tool();
        keep(at, { name, input: asJson(name, input), output: asJson(name, output) });
        return output;
      } catch (error) {
        if (ReplayError.isInstance(error)) throw error;
        const { name: errorName, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
        keep(at, { name, input: asJson(name, input), error: { name: errorName, message } });
        throw error;
      }
    },
  };
}

/** Gives what was recorded: per tool and input, first in, first out. */
export function toolReplay(
  records: readonly ToolRecord[],
  redactor: Redactor,
  onMiss: (what: string) => ReplayError,
): ToolRecorder {
  const waiting = new Map<string, ToolRecord[]>();
  for (const record of records) {
    const key = toolKey(record.name, record.input);
    waiting.set(key, [...(waiting.get(key) ?? []), record]);
  }
  return {
    async run(name, input) {
      const known = redactor.value(asJson(name, input));
      const record = waiting.get(toolKey(name, known))?.shift();
      if (!record) throw onMiss(`${name}(${JSON.stringify(known)})`);
      if (record.error) throw Object.assign(new Error(record.error.message), { name: record.error.name });
      return record.output;
    },
  };
}

function toolKey(name: string, input: unknown): string {
  return canonicalJson([name, input ?? null]);
}

function asJson(name: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return JSON.parse(text);
  } catch (cause) {
    throw notJson(name, cause);
  }
  throw notJson(name);
}

function notJson(name: string, cause?: unknown): ReplayError {
  return new ReplayError(
    'ERR_REPLAY_TOOL_RESULT',
    `The tool ${name} was given or gave something that is no JSON, so it cannot be recorded. Give JSON, or leave this tool out of replay.tools().`,
    { cause },
  );
}
