import { measuredText } from '../../load/thresholds/measured-text.ts';
import type { ThresholdResult } from '../../model/load.ts';

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
  if (invalidBecause !== null)
    return `${head}><error message="${escaped(invalidBecause)}">measured: ${measured}</error></testcase>`;
  if (result.passed) return `${head}><system-out>measured: ${measured}</system-out></testcase>`;
  return `${head}><failure message="measured: ${measured}">${escaped(result.rule)}\nmeasured: ${measured}</failure></testcase>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an attribute or an element; what XML 1.0 has no way to write becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${String(char.charCodeAt(0))};`);
}
