import { expect, test } from '@jest/globals';
import { buildReport } from '../../../src/report/build-report.ts';
import { firstByte } from '../../../src/report/sections/first-byte.ts';
import { hostResult, state } from '../../fakes/state.ts';
import { measuredLoad } from '../measured-load.ts';

const timeMs = { avg: 2, min: 1, p50: 2, p90: 3, p95: 3, p99: 4, max: 5 };
const sectionOf = (total: Parameters<typeof hostResult>[0]) =>
  firstByte(
    buildReport(state({ load: measuredLoad({ total: hostResult(total), hosts: [hostResult(total)] }) }), '2026-11-23'),
  );

test('the time to the first byte and the handshakes are tables of their own', () => {
  const section = sectionOf({ waitingMs: timeMs, tlsHandshakes: { count: 1200, inWindow: 7, resumed: null, timeMs } });
  const [waiting, handshakes, notes] = section?.blocks ?? [];
  expect(section?.title).toBe('First byte and TLS handshakes');
  expect(waiting).toMatchObject({ rows: [[expect.anything(), '2.00 ms', '3.00 ms', '4.00 ms', '2.00 ms', '5.00 ms']] });
  expect(handshakes).toMatchObject({
    rows: [[expect.anything(), '1200', '7', '–', '2.00 ms', '3.00 ms', '4.00 ms', '2.00 ms', '5.00 ms']],
  });
  expect(notes).toMatchObject({
    items: [expect.stringContaining('7 of 1200 handshakes took place in the measured window')],
  });
});

test('without them nothing is said of them', () => {
  expect(sectionOf({ waitingMs: timeMs })).toMatchObject({
    title: 'Time to the first byte',
    blocks: [{ rows: [expect.anything()] }, { rows: [] }],
  });
  expect(sectionOf({})?.blocks).toMatchObject([{ rows: [] }, { rows: [] }]);
});
