import { expect, test } from '@jest/globals';
import { unbroken } from '../../src/text/unbroken.ts';

test.each([
  ['p95 6.00 ms', 'p95 6.00_ms'],
  ['10.1 – 12.3 ms', '10.1 – 12.3_ms'],
  ['≈ 10.0 ms', '≈_10.0_ms'],
  ['98.1 /s (95 % interval)', '98.1_/s (95_% interval)'],
  ['15.0 MiB, 12.1 KiB/s, 3 B', '15.0_MiB, 12.1_KiB/s, 3_B'],
  ['+0.4 points, 0.25 cores', '+0.4_points, 0.25_cores'],
  ['20 sections', '20 sections'],
  ['20 s.', '20_s.'],
  ['10 hosts and 2 pods', '10 hosts and 2 pods'],
])('%s', (text, expected) => {
  expect(unbroken(text)).toBe(expected.replaceAll('_', '\u00a0'));
});
