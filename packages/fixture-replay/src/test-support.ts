import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openReplay } from './open-replay.ts';
import type { OpenReplayOptions, ReplaySession } from './replay-session.ts';

/** A folder of its own for the test that asks. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fixture-replay-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where the pretended provider is. No request ever gets there. */
export const api = 'https://api.example.com/v1/chat/completions';

/** A chat request. */
export function asking(content: string, more: object = {}): RequestInit & { readonly body: string } {
  const body = { model: 'gpt-6-sol', messages: [{ role: 'user', content }], ...more };
  return { method: 'POST', headers: { authorization: 'Bearer sk-test' }, body: JSON.stringify(body) };
}

/** A chat answer. */
export function saying(content: string, more: object = {}): Response {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };
  return Response.json({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-6-sol',
    choices,
    usage,
    ...more,
  });
}

/** An upstream that answers with its arguments in turn, and counts. */
export function upstreamOf(...answers: (Response | Error)[]): typeof fetch & { calls: number } {
  const upstream = async (): Promise<Response> => {
    const answer = answers[Math.min(upstream.calls++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    if (!answer) throw new Error('no upstream');
    return answer.clone();
  };
  upstream.calls = 0;
  return upstream;
}

/** An upstream that must not be called. */
export const noUpstream: typeof fetch = async () => {
  throw new Error('a real call was made');
};

type Some = Partial<OpenReplayOptions>;

export interface Lab {
  readonly file: string;
  open(options?: Some): Promise<ReplaySession>;
  /** records one run */
  record(run: (session: ReplaySession) => Promise<unknown>, options: Some): Promise<void>;
  text(): string;
}

/** A fixture in a folder of its own, and an environment that says nothing. */
export function lab(): Lab {
  const file = join(temporaryFolder(), 'run.json');
  const open = async (options: Some = {}): Promise<ReplaySession> => {
    const session = await openReplay({ file, environment: {}, fetch: noUpstream, ...options });
    onTestFinished(async () => {
      session.fail();
      await session[Symbol.asyncDispose]().catch(() => undefined);
    });
    return session;
  };
  return {
    file,
    open,
    text: () => readFileSync(file, 'utf8'),
    async record(run, options) {
      const session = await open({ mode: 'record', ...options });
      await run(session);
      await session.commit();
      await session[Symbol.asyncDispose]();
    },
  };
}

/** The words of a chat answer. */
export async function wordsOf(response: Response | Promise<Response>): Promise<unknown> {
  const body = (await (await response).json()) as { choices?: { message: { content: string } }[] };
  return body.choices?.[0]?.message.content;
}
