import type { ThresholdResult } from '../report/model.ts';

/** Digits after the point, unless a small value needs more to show two that count. */
const DIGITS: Readonly<Record<ThresholdResult['unit'], number>> = {
  ms: 1,
  share: 4,
  'per second': 1,
  requests: 0,
  cores: 3,
  bytes: 0,
  number: 3,
};

/** The measured value with its unit, such as `612.3 ms`; or why there is none. */
export function measuredText({ measured, unit, missing }: ThresholdResult): string {
  if (measured === null) return missing ?? 'Nothing was measured.';
  const value = measured === 0 ? '0' : measured.toFixed(Math.max(DIGITS[unit], 1 - Math.floor(Math.log10(Math.abs(measured)))));
  return unit === 'share' || unit === 'number' ? value : `${value} ${unit}`;
}

/**
 * The results as JUnit XML, one test case for each rule, as CI systems show them.
 *
 * @param invalidBecause why no verdict may rest on the figures, in one sentence; null when one may.
 *   Then every case is an error and not a pass or failure.
 */
export function junitXml(results: readonly ThresholdResult[], invalidBecause: string | null = null): string {
  const failures = invalidBecause === null ? results.filter((result) => !result.passed).length : 0;
  const errors = invalidBecause === null ? 0 : results.length;
  const counts = `tests="${String(results.length)}" failures="${String(failures)}" errors="${String(errors)}" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="k8s-loadtest-ci" ${counts}>`,
    `  <testsuite name="thresholds" ${counts}>`,
    ...results.map((result) => testCase(result, invalidBecause)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: ThresholdResult, invalidBecause: string | null): string {
  const head = `    <testcase classname="${escaped(result.metric)}" name="${escaped(result.rule)}"`;
  const measured = escaped(measuredText(result));
  if (invalidBecause !== null) return `${head}><error message="${escaped(invalidBecause)}">measured: ${measured}</error></testcase>`;
  if (result.passed) return `${head}><system-out>measured: ${measured}</system-out></testcase>`;
  return `${head}><failure message="measured: ${measured}">${escaped(result.rule)}\nmeasured: ${measured}</failure></testcase>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for an attribute or an element; what XML 1.0 has no way to write becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${String(char.charCodeAt(0))};`);
}
