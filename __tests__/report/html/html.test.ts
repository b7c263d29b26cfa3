import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { buildReport } from '../../../src/report/build-report.ts';
import { SCRIPT, STYLE } from '../../../src/report/html/html-assets.ts';
import { embeddedJson, html, link } from '../../../src/report/html/html-text.ts';
import { shownIn } from '../../../src/report/charts/units.ts';
import type { Chart, Unit } from '../../../src/report/charts/chart.ts';
import type { PipelineState } from '../../../src/state.ts';
import { renderHtml } from '../../fakes/plain-renderings.ts';
import { ENDINGS, HOSTILE, hostResult, load, resources, state } from '../../fakes/state.ts';
import { expectGolden } from '../../golden/golden.ts';
import { measuredLoad, measuredResources } from '../measured-load.ts';

const render = (given: PipelineState): string => renderHtml(buildReport(given, '2026-11-23T10:05:00.000Z'));
const MEASURED = state({ ...ENDINGS.passed, load: measuredLoad(), resources: measuredResources() });

const NASTY =
  '</script></style></title><script>alert(1)</script><!-- ]]> "onload="x" \' ` {{x}} \u2028 \u202e <img src=x onerror=alert(1)>';
const HOSTILE_THROUGHOUT = state({
  ...HOSTILE,
  load: measuredLoad({
    seed: NASTY,
    hosts: [hostResult({ host: NASTY, path: NASTY, latencyHistogram: { edgesMs: [1, 1.059], counts: [3] } })],
    generator: {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
      sendDelayMs: null,
      limited: true,
      reason: NASTY,
    },
  }),
  resources: resources({
    missing: [NASTY],
    timeline: {
      stepSeconds: 1,
      workloads: [{ namespace: NASTY, kind: NASTY, name: NASTY, cpuCores: [1, 2], memoryBytes: [1, 2] }],
    },
  }),
  warnings: [NASTY],
  diagnostics: [NASTY],
  settings: { ...HOSTILE.settings, hosts: NASTY },
});
const ALL = {
  ...ENDINGS,
  measured: MEASURED,
  hostile: HOSTILE,
  'hostile-throughout': HOSTILE_THROUGHOUT,
  nothing: state({}),
};

/** The page without what is the same in each. */
const withoutAssets = (page: string): string =>
  page
    .replace(SCRIPT, '…')
    .replace(STYLE, '…')
    .replace(/'sha256-[^']+'/g, "'sha256-…'");
const chartsOf = (page: string): Chart[] =>
  JSON.parse(/<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? 'null') as Chart[];

test('the page of a measured run', () => {
  expectGolden('report.html', withoutAssets(render(MEASURED)));
});

test('verdict, thresholds, hosts, time, distribution, resources and what was run come in this order', () => {
  const headings = [...render(MEASURED).matchAll(/<h[12][^>]*>(.*?)<\/h[12]>/g)].map(([, heading]) => heading);
  expect(headings).toEqual([
    expect.stringContaining('Load test passed'),
    'Thresholds',
    'Hosts',
    'Status codes',
    'Over time',
    'Latency in detail',
    'Resources during the load',
    'Resources of the nodes',
    'Warnings',
    'Files next to this page',
    'Repeat it on your machine',
    'What was run',
    'Time per stage',
  ]);
});

test('what speaks against the figures stands before them', () => {
  const { generator, uncertainty } = measuredLoad();
  if (generator === null || uncertainty === undefined) throw new Error('the load has both');
  const drift = 'The throughput fell by 20 %.';
  const page = render(
    state({
      load: measuredLoad({
        uncertainty: { ...uncertainty, drift },
        generator: { ...generator, limited: true, reason: 'It had no pause.' },
      }),
    }),
  );
  expect(page.indexOf(drift)).toBeGreaterThan(0);
  expect(page.indexOf(drift)).toBeLessThan(page.indexOf('Throughput'));
  expect(page.indexOf('It had no pause.')).toBeLessThan(page.indexOf('Throughput'));
});

describe.each(Object.entries(ALL))('the page of a run that ended as "%s"', (_, given) => {
  const page = render(given);
  const own = withoutAssets(page);

  test('has only our own elements, properly nested', () => {
    const open: string[] = [];
    const elements = /<(\/?)([a-z][a-z\d]*)((?:\s+[a-zA-Z][\w-]*(?:="[^"<>`]*")?)*)\s*(\/?)>/g;
    const rest = own
      .replace(/^<!doctype html>/, '')
      .replace(/(<script[^>]*>).*?(<\/script>)/gs, '$1$2')
      .replace(elements, (_tag, end: string, name: string, _attributes, closed: string) => {
        if (end === '/') expect(open.pop()).toBe(name);
        else if (closed === '' && name !== 'meta') open.push(name);
        return '';
      });
    expect(open).toEqual([]);
    expect(rest).not.toMatch(/[<>]/);
    expect([...own.matchAll(/<script/g)]).toHaveLength(2);
    expect(own).not.toMatch(/\son[a-z]+="|\sstyle="/);
  });

  test('loads nothing: the only addresses are those of links', () => {
    const tags =
      page
        .replace(SCRIPT, '')
        .match(/<[a-z][^>]*>/gi)
        ?.filter((tag) => !/^<a href="(?:https?:[^"]*" rel="noopener noreferrer"|#[a-z-]+"|\.\/[^"]*")>$/.test(tag)) ??
      [];
    expect(tags.length).toBeGreaterThan(20);
    for (const tag of tags)
      expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(
        /\s(?:src|href|srcset|data|action|formaction|poster|xlink:href)=|^<(?:link|base|iframe|object|embed|img)\b/i,
      );
    expect(STYLE).not.toMatch(/url\(|@import/);
    expect(SCRIPT).not.toMatch(
      /\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(|\beval\(|new Function|innerHTML/,
    );
  });

  test('has a policy that allows its script and its style and nothing else', () => {
    const sum = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(page).toContain(
      `content="default-src 'none'; script-src ${sum(SCRIPT)}; style-src ${sum(STYLE)}; base-uri 'none'; form-action 'none'"`,
    );
    expect(page).toContain(`<script>${SCRIPT}</script>`);
    expect(page).toContain(`<style>${STYLE}</style>`);
  });

  test('has a place with a text for each chart, and data that fits', () => {
    for (const chart of chartsOf(page)) {
      const figure = new RegExp(`<figure id="${chart.id}">.*?</figure>`, 's').exec(page)?.[0] ?? '';
      expect(figure).toMatch(/role="img" tabindex="0" aria-label="Chart: /);
      expect(chart.lines.length).toBeLessThanOrEqual(6);
      for (const { values } of chart.lines) expect(values).toHaveLength(chart.xs.length);
      expect([...chart.xs].sort((a, b) => a - b)).toEqual(chart.xs);
    }
  });

  test('is small', () => {
    expect(page.length).toBeLessThan(300_000);
  });
});

describe('the charts', () => {
  const ids = (given: PipelineState): string[] => chartsOf(render(given)).map(({ id }) => id);

  test('are those that there is data for', () => {
    expect(ids(MEASURED)).toEqual(['requests', 'latency', 'cpu', 'memory', 'distribution', 'percentiles']);
    expect(ids(state({ load: measuredLoad() }))).toEqual(['requests', 'latency', 'distribution', 'percentiles']);
    expect(ids(ENDINGS.passed)).toEqual([]);
    expect(ids(ENDINGS.cancelled)).toEqual([]);
  });

  test('show failures only when there were some', () => {
    const timeline = (measuredLoad().timeline ?? []).map((slice) => ({ ...slice, failed: 2 }));
    const chart = chartsOf(render(state({ load: measuredLoad({ timeline }) }))).find(({ id }) => id === 'failures');
    expect(chart?.lines[0]?.values.slice(1, -1)).toEqual(timeline.map(() => 8));
  });

  test('of one clock reach from the beginning of the window to its end', () => {
    const onClock = chartsOf(render(MEASURED)).filter(({ clock }) => clock);
    expect(onClock.map(({ xs }) => [xs[0], xs.at(-1)])).toEqual(onClock.map(() => [0, 20]));
  });

  test('keep gaps', () => {
    const cpu = chartsOf(render(MEASURED)).find(({ id }) => id === 'cpu');
    expect(cpu?.lines[1]?.values.slice(8, 11)).toEqual([expect.any(Number), null, expect.any(Number)]);
  });

  test('of the distribution show every answer once', () => {
    const distribution = chartsOf(render(MEASURED)).find(({ id }) => id === 'distribution');
    for (const { values } of distribution?.lines ?? [])
      expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(1, 9);
    expect(distribution?.marks.map(({ name }) => name)).toEqual(['p50', 'p95', 'p99']);
  });

  test('of the percentiles end where one answer is left', () => {
    const tail = chartsOf(render(MEASURED)).find(({ id }) => id === 'percentiles');
    const values = tail?.lines[0]?.values ?? [];
    expect(tail?.xs.at(-1)).toBeLessThanOrEqual(1000);
    expect(values[0]).toBeCloseTo(10 ** (1 / 40), 6);
    expect([...values].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(values);
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('<', '>', '&', '"', "'", '`', '</script>', '<!--', '-->', ']]>', '\u2028', '\u0000', 'x'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);

test('a text is never markup', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(
        html`<p title="${text}">${text}</p>`.text.slice('<p title="'.length, -'</p>'.length).replace('">', ''),
      ).not.toMatch(/[<>"'`]/);
    }),
  );
});

test('data never ends its element, and is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(hostile), (data) => {
      const { text } = embeddedJson(data);
      expect(text).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});

test.each([
  [
    'https://github.com/o/r/actions/runs/1',
    '<a href="https://github.com/o/r/actions/runs/1" rel="noopener noreferrer">log</a>',
  ],
  ['https://x/"onclick="a', '<a href="https://x/%22onclick=%22a" rel="noopener noreferrer">log</a>'],
  ['javascript:alert(1)', 'log'],
  ['data:text/html,x', 'log'],
  ['no address', 'log'],
])('a link to %s', (url, expected) => {
  expect(link('log', url).text).toBe(expected);
});

test.each<[Unit, number | null, string]>([
  ['seconds', 2.5, '2.5 s'],
  ['per second', 12_345.6, '12,346 /s'],
  ['ms', 0.12345, '0.123 ms'],
  ['cores', 0.25, '0.25'],
  ['bytes', 2 ** 20, '1.00 MiB'],
  ['share', 0.125, '12.5 %'],
  ['tail', 1, 'p0'],
  ['tail', 10, 'p90'],
  ['tail', 1000, 'p99.9'],
  ['tail', 100_000, 'p99.999'],
  ['ms', null, '–'],
])('%s: %s is shown as %s', (unit, value, expected) => {
  expect(shownIn(unit, value)).toBe(expected);
});

test('a load that k6 or another program sent may lack the course and the distribution', () => {
  expect(() => render(state({ load: load({ timeline: [], hosts: [] }) }))).not.toThrow();
});

test('the contents lead to every section, and files are beside the page whatever they are called', () => {
  const page = render(
    state({
      load: measuredLoad(),
      diagnostics: ['diagnostics/a b#.log', 'javascript:alert(1)', '../../up', 'x\ud800'],
    }),
  );
  const ids = [...page.matchAll(/<h2 id="(.*?)">/g)].map(([, id]) => id);
  const links = [...page.matchAll(/<a href="#(.*?)">/g)].map(([, id]) => id);
  expect(links).toEqual(ids);
  expect(page).toContain('<a href="./report.json">');
  expect(page).toContain('<a href="./diagnostics/a%20b%23.log">');
  expect(page).toContain('<a href="./javascript%3Aalert(1)">');
  expect(page).toContain('<a href="./up">');
  expect(page).toContain('<a href="./x%EF%BF%BD">');
});
