import type { Report } from '../../src/model/report.ts';
import { renderHtml as page } from '../../src/report/html/html.ts';
import { renderReport as markdown } from '../../src/report/markdown/markdown.ts';

/**
 * The renderings with a plain space between a number and its unit, so that tests can say what they expect in letters
 * that a reader can tell apart. __tests__/text/unbroken.test.ts and sections/printers.test.ts hold the other ones.
 */
export const renderReport = (report: Report, charts?: 'open' | 'folded'): string[] =>
  markdown(report, charts).map(withPlainSpaces);

export const renderHtml = (report: Report): string => withPlainSpaces(page(report));

const withPlainSpaces = (text: string): string => text.replaceAll('\u00a0', ' ');
