import { measuredText } from '../../load/thresholds/measured-text.ts';
import { isBroken } from '../../load/thresholds/threshold-results.ts';
import type { ThresholdResult } from '../../model/load.ts';

/** The results as JUnit XML for CI systems, one test case for each rule; rules without a verdict are skipped. */
export function junitXml(results: readonly ThresholdResult[]): string {
  const skipped = results.filter(({ withoutVerdict }) => withoutVerdict !== undefined).length;
  const counts = `tests="${String(results.length)}" failures="${String(results.filter(isBroken).length)}" errors="0" skipped="${String(skipped)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="k8s-loadtest-ci" ${counts}>`,
    `  <testsuite name="thresholds" ${counts}>`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: ThresholdResult): string {
  const head = `    <testcase classname="${escaped(result.metric)}" name="${escaped(result.rule)}"`;
  const measured = escaped(measuredText(result));
  if (result.withoutVerdict !== undefined)
    return `${head}><skipped message="${escaped(result.withoutVerdict)}"/><system-out>measured: ${measured}</system-out></testcase>`;
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

/** Text for an attribute or an element; characters that XML 1.0 can't represent become U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${String(char.charCodeAt(0))};`);
}
