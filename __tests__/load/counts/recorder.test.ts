import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Recorder } from '../../../src/load/counts/recorder.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import type { Outcome } from '../../../src/load/sender.ts';

const TARGETS: Target[] = [{ host: 'foo.localhost', path: '/' }];

const outcomeOf = ({ ms, right }: { readonly ms: number; readonly right: boolean }): Outcome => ({
  status: right ? 200 : 503,
  bytes: 0,
  failure: right ? null : 'http-status',
  serviceMs: ms,
  waitingMs: ms,
  handshake: null,
  retried: false,
});

const answers = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 100 }), right: fc.boolean() }), { maxLength: 40 });

test('the times of right answers are those of a recorder that saw no other ones, however they are added up', () => {
  fc.assert(
    fc.property(fc.array(answers, { minLength: 1, maxLength: 4 }), (parts) => {
      const whole = new Recorder(TARGETS);
      for (const part of parts) {
        const recorder = new Recorder(TARGETS);
        for (const answer of part) recorder.record(0, outcomeOf(answer), 1);
        whole.addSnapshot(recorder.snapshot());
      }
      const rightOnly = new Recorder(TARGETS);
      const all = parts.flat();
      for (const answer of all.filter(({ right }) => right)) rightOnly.record(0, outcomeOf(answer), 1);
      const { total } = whole.results(1, [99.9]);
      const expected = rightOnly.results(1, [99.9]).total;
      if (all.every(({ right }) => right)) {
        expect(total).not.toHaveProperty('rightLatencyMs');
        return;
      }
      expect(total.rightLatencyMs).toEqual(expected.latencyMs);
      expect(total.rightLatencyPercentilesMs).toEqual(expected.latencyPercentilesMs);
      expect(total.serviceTimeMs === null).toBe(all.length === 0);
    }),
  );
});
