import { expect, test } from '@jest/globals';
import { exceptionsWarning } from '../../../src/load/k6/k6-exceptions.ts';

// As k6 v1.8.1 writes it.
const LINE = String.raw`time="2026-11-30T18:29:40Z" level=error msg="TypeError: Cannot read property \"verb\" of undefined\n\tat default (file:///x/http_verbs.js:17:60(6))\n" executor=per-vu-iterations scenario=default source=stacktrace`;
const JSON_LINE = String.raw`{"executor":"constant-vus","level":"error","msg":"ReferenceError: a is not defined\n\tat x","scenario":"default","source":"stacktrace","time":"x"}`;

test.each([
  ['time="x" level=info msg="hello source" source=console', null],
  ['', null],
  [
    LINE,
    'The script threw an exception in an iteration, and what comes after it in the script was not sent: TypeError: Cannot read property "verb" of undefined',
  ],
  [
    [JSON_LINE, 'time="x" level=warning msg=a', JSON_LINE].join('\n'),
    'The script threw an exception in 2 iterations or more, and what comes after it in the script was not sent: ReferenceError: a is not defined',
  ],
])('%j', (said, warning) => {
  expect(exceptionsWarning(said)).toBe(warning);
});
