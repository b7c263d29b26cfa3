/**
 * A picture of report.html, for the README and to look at while working on the page. Not part of CI:
 * it needs Debian's `chromium` (or another in CHROMIUM).
 *
 *   npx tsx scripts/screenshot.ts artifacts/report.json docs/images/report.png --height 1930
 *   pngquant --force --ext .png docs/images/report.png  # a third of the size
 *   npx tsx scripts/screenshot.ts artifacts/report.json /tmp/dark.png --dark --width 1200 --height 3000
 *   npx tsx scripts/screenshot.ts artifacts/report.json docs/images/flame-graph.png --at profiles --height 1500
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { report } from '../src/model/report.ts';
import { renderHtml } from '../src/report/html/html.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    dark: { type: 'boolean', default: false },
    width: { type: 'string', default: '1120' },
    height: { type: 'string', default: '1180' },
    at: { type: 'string', default: '' },
  },
});
const [from, to] = positionals;
if (from === undefined || to === undefined) throw new Error('Give the report.json to show and the PNG to write');

const folder = mkdtempSync(join(tmpdir(), 'screenshot-'));
try {
  const page = join(folder, 'report.html');
  writeFileSync(page, onlyAt(values.at, renderHtml(report.parse(JSON.parse(readFileSync(from, 'utf8'))))));
  mkdirSync(dirname(resolve(to)), { recursive: true });
  execFileSync(
    process.env['CHROMIUM'] ?? 'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
      '--disable-lcd-text',
      '--virtual-time-budget=3000',
      // 0 is dark and 1 is light.
      `--blink-settings=preferredColorScheme=${values.dark ? '0' : '1'}`,
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=${values.width},${values.height}`,
      `--screenshot=${resolve(to)}`,
      `file://${page}`,
    ],
    { stdio: 'ignore', timeout: 60_000 },
  );
  console.log(`${to} shows ${from}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The page with one section alone, by its anchor; the whole without one. */
function onlyAt(anchor: string, html: string): string {
  if (anchor === '') return html;
  const section = html
    .split('<section ')
    .find((part) => part.startsWith(`aria-labelledby="${anchor}"`))
    ?.replace(/<\/section>[\s\S]*/, '</section>');
  if (section === undefined) throw new Error(`The page has no section ${anchor}`);
  return html.replace(/<main>[\s\S]*<\/main>/, () => `<main><section ${section}</main>`);
}
