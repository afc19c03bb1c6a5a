import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSingleFlight, shareStream } from './index.ts';
import { settled, sourceOf } from './test-streams.ts';

/** What one caller does: when it comes, whether it brings a signal, and when it goes. */
const caller = fc.record({ key: fc.constantFrom('a', 'b'), leaves: fc.boolean() });

interface Piece {
  readonly key: string;
  readonly fails: boolean;
  readonly signal: AbortSignal;
  hasSettled: boolean;
}

interface Member {
  readonly answer: Promise<unknown>;
  readonly controller: AbortController;
  readonly piece: Piece;
  hasLeft: boolean;
}

const isAlive = (piece: Piece): boolean => !piece.hasSettled && !piece.signal.aborted;

describe('for any order of joining, leaving and settling', () => {
  test('run() has one live piece of work per key, one outcome for all who stay, and an aborted signal iff all left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(caller, { maxLength: 12 }),
        fc.array(fc.boolean()),
        async (s, plan, failures) => {
          const flight = createSingleFlight();
          const pieces: Piece[] = [];
          const members: Member[] = [];
          const join = (key: string): Member => {
            const controller = new AbortController();
            const before = pieces.length;
            const answer = flight.run(
              key,
              async ({ signal }) => {
                expect(pieces.filter((piece) => piece.key === key && isAlive(piece))).toEqual([]);
                const piece: Piece = { key, signal, fails: failures[pieces.length] ?? false, hasSettled: false };
                pieces.push(piece);
                await s.schedule(Promise.resolve(), `settle ${key}`);
                piece.hasSettled = true;
                if (piece.fails) throw piece;
                return piece;
              },
              { signal: controller.signal },
            );
            answer.catch(() => undefined);
            const alive = pieces.filter((piece) => piece.key === key && isAlive(piece));
            const piece = (pieces.length > before ? pieces.at(-1) : alive[0]) as Piece;
            const member = { answer, controller, piece, hasLeft: false };
            members.push(member);
            return member;
          };
          for (const { key, leaves } of plan) {
            s.schedule(Promise.resolve(), `join ${key}`).then(() => {
              const member = join(key);
              if (!leaves) return;
              s.schedule(Promise.resolve(), `leave ${key}`).then(() => {
                member.hasLeft = !member.piece.hasSettled;
                member.controller.abort(member);
              });
            });
          }
          await s.waitIdle();
          await settled();
          for (const member of members) {
            const outcome = (await Promise.allSettled([member.answer]))[0];
            if (member.hasLeft) expect(outcome).toMatchObject({ status: 'rejected' });
            if (member.hasLeft && outcome.status === 'rejected') expect(outcome.reason).toBe(member);
            if (!member.hasLeft)
              expect(outcome.status === 'rejected' ? outcome.reason : outcome.value).toBe(member.piece);
            expect(getEventListeners(member.controller.signal, 'abort')).toHaveLength(0);
          }
          for (const piece of pieces) {
            const all = members.filter((member) => member.piece === piece);
            expect(piece.signal.aborted).toBe(all.every((member) => member.hasLeft));
          }
          const abandoned = pieces.filter((piece) => piece.signal.aborted);
          expect(flight.stats()).toEqual({
            started: pieces.length,
            joined: members.length - pieces.length,
            failed: pieces.filter((piece) => piece.fails && !abandoned.includes(piece)).length,
            abandoned: abandoned.length,
            inFlight: 0,
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('shareStream() gives every follower every byte it stays for and reads each chunk once, within any bound', async () => {
    const follower = fc.record({ joinsAt: fc.nat({ max: 8 }), reads: fc.nat({ max: 12 }), cancels: fc.boolean() });
    const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        chunks,
        fc.array(follower, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (s, source, plan, maxBytes) => {
          const seen: string[] = [];
          const shared = shareStream(sourceOf(source), {
            maxBytes,
            onChunk: (chunk) => seen.push(`${Buffer.from(chunk)}`),
          });
          const takes = plan.map(async ({ joinsAt, reads, cancels }) => {
            for (let turn = 0; turn < joinsAt; turn++) await s.schedule(Promise.resolve());
            if (!shared.joinable) return;
            const reader = shared.follow().getReader();
            const got: string[] = [];
            for (let read = 0; !cancels || read < reads; read++) {
              await s.schedule(Promise.resolve());
              const { done, value } = await reader.read();
              if (done) break;
              got.push(`${Buffer.from(value)}`);
            }
            await reader.cancel();
            expect(got).toEqual(source.slice(0, cancels ? reads : source.length));
          });
          await s.waitFor(Promise.all(takes));
          expect(seen).toEqual(source.slice(0, seen.length));
          expect(shared.followers).toBe(0);
        },
      ),
      { numRuns: 300, timeout: 1000 },
    );
  });
});
