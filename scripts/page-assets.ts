import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const PAGE = 'src/report/html/page';

/** Script and style of report.html as a TypeScript file, so that they are in the bundles that users run. */
export function pageAssets(): string {
  return `${[
    '// Made from src/report/html/page/ and uPlot by `npm run update`. Do not edit.',
    '',
    '/** Draws the charts of report.html: client.ts with uPlot. */',
    `export const SCRIPT = ${literal(uplotLicence() + bundled('client.ts'))};`,
    '',
    `export const STYLE = ${literal(bundled('style.css'))};`,
  ].join('\n')}\n`;
}

function bundled(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(PAGE, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const text = outputFiles[0]?.text ?? '';
  // The page has these as they are, in elements that the parser of HTML ends at such a text.
  if (text === '' || /<\/(?:script|style)|<!--/i.test(text)) throw new Error(`${entry} can't stand in a page`);
  return text;
}

/** Its licence asks for this notice in every copy. */
function uplotLicence(): string {
  const manifest = createRequire(import.meta.url).resolve('uplot/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const licence = readFileSync(join(dirname(manifest), 'LICENSE'), 'utf8')
    .replaceAll('\r\n', '\n')
    .trim();
  return `/*! uPlot ${version}\n\n${licence}\n*/\n`;
}

/** JSON is a string literal of JavaScript too. */
const literal = (text: string): string => JSON.stringify(text);
