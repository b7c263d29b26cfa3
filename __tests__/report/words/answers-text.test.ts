import { expect, test } from '@jest/globals';
import { buildReport } from '../../../src/report/build-report.ts';
import { answersLines, onlyStatus } from '../../../src/report/words/answers-text.ts';
import { renderHtml, renderReport } from '../../fakes/plain-renderings.ts';
import { ENDINGS, hostResult, load, state } from '../../fakes/state.ts';

const REDIRECTING = hostResult({ host: 'shop.example', path: '/cart', sent: 12_340, statuses: { '308': 12_340 } });
const GOOD = hostResult({ host: 'api.example', sent: 100, statuses: { '200': 99, '204': 1 } });
const SILENT = hostResult({
  host: 'silent.example',
  sent: 7,
  succeeded: 0,
  failed: 7,
  statuses: {},
  failures: { timeout: 7 },
});

test('each host has a line in the log', () => {
  expect(answersLines({ hosts: [REDIRECTING, GOOD, SILENT] })).toEqual([
    'shop.example/cart answered with status 308: 12,340',
    'api.example answered with status 200: 99, 204: 1',
    'silent.example answered none of 7 requests; 7 failed (timeout: 7)',
  ]);
});

test('of many hosts the log has the first, and says so', () => {
  const lines = answersLines({ hosts: Array.from({ length: 25 }, () => GOOD) });
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('What 5 more hosts answered is in the report.');
});

test.each([
  { total: hostResult({ sent: 2, statuses: { '200': 2 } }), expected: '200' },
  { total: hostResult({ sent: 2, statuses: { '308': 2 } }), expected: '308' },
  { total: hostResult({ sent: 2, statuses: { '200': 1, '201': 1 } }), expected: null },
  { total: hostResult({ sent: 2, statuses: { '200': 1 } }), expected: null },
  { total: hostResult({ sent: 2, failed: 2, statuses: { '500': 2 } }), expected: null },
  { total: hostResult({ sent: 2, statuses: {} }), expected: null },
])('the one status of $total.statuses of 2 requests is $expected', ({ total, expected }) => {
  expect(onlyStatus({ total })).toBe(expected);
});

test('comment, summary and page say the statuses of each host, of a run that passed too', () => {
  const total = hostResult({ host: 'all', path: '', sent: 12_440, statuses: { '200': 99, '204': 1, '308': 12_340 } });
  const report = buildReport(state({ load: load({ hosts: [REDIRECTING, GOOD], total }) }), '2026-11-23T10:05:00.000Z');
  const markdown = renderReport(report).join('\n\n');
  expect(markdown).toContain('| `shop.example/cart` | 308: 12,340 |');
  expect(markdown).toContain('| `api.example` | 200: 99, 204: 1 |');
  const page = renderHtml(report);
  expect(page).toContain('<code>shop.example/cart</code></th><td class="text">308: 12,340</td>');
});

test('one sentence is enough when every answer had the same status', () => {
  const report = buildReport(ENDINGS.passed, '2026-11-23T10:05:00.000Z');
  expect(renderReport(report)).toContain('Every answer had status 200.');
  expect(renderHtml(report)).toContain('<p>Every answer had status 200.</p>');
});
