import { createHash } from 'node:crypto';
import { STYLE } from './html-assets.ts';
import { html, Markup, NOTHING } from './html-text.ts';

/**
 * A self-contained page: it includes its style, and its content security policy lets it load nothing and run only its
 * own script.
 *
 * @param script what the body runs, exactly as in its element; null without a script.
 */
export function onePage(title: string, body: Markup, script: string | null): string {
  const runs = script === null ? NOTHING : html`script-src ${digest(script)}; `;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${runs}style-src ${digest(STYLE)}; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

const digest = (text: string): Markup => new Markup(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
