import { describe, expect, test } from '@jest/globals';
import type { Comparison } from '../../src/model/comparison.ts';
import type { ProfiledWorkload } from '../../src/model/profiles.ts';
import type { Report } from '../../src/model/report.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { SCRIPT, STYLE } from '../../src/report/html/html-assets.ts';
import type { Chart } from '../../src/report/charts/chart.ts';
import { failsStep } from '../../src/report/verdict.ts';
import { renderHtml, renderReport } from '../fakes/plain-renderings.ts';
import { ENDINGS, hostResult, resources, state } from '../fakes/state.ts';
import { expectGolden } from '../golden/golden.ts';
import { EQUAL, HALF_THE_CAPACITY, SLOWER, UNDECIDED } from './comparisons.ts';
import { measuredLoad } from './measured-load.ts';

const report = (comparison: Comparison, more: Partial<typeof ENDINGS.passed> = {}): Report =>
  buildReport({ ...ENDINGS.passed, comparison, ...more }, '2026-11-23T10:05:00.000Z');
const NAMED: Comparison = {
  ...SLOWER,
  base: { ...SLOWER.base, label: 'main 1a2b3c4', revision: { commit: '1a2b3c4d'.repeat(5), branch: 'main' } },
  head: {
    ...SLOWER.head,
    label: 'faster-cart 5d6e7f8',
    revision: {
      commit: '5d6e7f8a'.repeat(5),
      branch: 'faster-cart',
      mergeCommit: '9f8e7d6c'.repeat(5),
      modified: true,
    },
  },
};
const markdown = (given: Report): string => `${renderReport(given).join('\n\n')}\n`;

describe('a comparison comes first', () => {
  test.each([
    { name: 'slower', comparison: SLOWER },
    { name: 'equal', comparison: EQUAL },
    { name: 'undecided', comparison: UNDECIDED },
    { name: 'named', comparison: NAMED },
    { name: 'capacity', comparison: HALF_THE_CAPACITY },
  ])('in Markdown: $name', ({ name, comparison }) => {
    expectGolden(`comparison-${name}.md`, markdown(report(comparison)));
  });

  test('in HTML', () => {
    const page = renderHtml(report(SLOWER));
    expectGolden(
      'comparison.html',
      page
        .replace(SCRIPT, '…')
        .replace(STYLE, '…')
        .replace(/'sha256-[^']+'/g, "'sha256-…'"),
    );
    const headings = [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings.slice(0, 3)).toEqual(['Head against base', 'Thresholds', 'Load on head, all rounds together']);
  });

  test('of capacities in HTML, with the search in each version', () => {
    const page = renderHtml(report(HALF_THE_CAPACITY));
    const headings = [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings.slice(0, 4)).toEqual([
      'Head against base',
      'Thresholds',
      'Capacity',
      'Load on head at the highest rate that kept the thresholds',
    ]);
    const captions = [...page.matchAll(/<caption[^>]*>(.*?)<\/caption>/g)].map(([, caption]) => caption);
    for (const caption of [
      'Steps of the search in base by rate',
      'Steps of the search in head by rate',
      'Fresh steps to confirm that head holds less',
    ])
      expect(captions).toContain(caption);
    const charts = JSON.parse(
      /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? 'null',
    ) as Chart[];
    expect(charts.slice(0, 2)).toMatchObject([
      { id: 'rates-base', marks: [{ name: 'low' }, { name: 'capacity', at: 752 }, { name: 'high' }] },
      { id: 'rates-head', marks: [{}, { at: 383 }, {}] },
    ]);
    expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
  });

  test('with a verdict of its own when the run failed for another reason', () => {
    const failed = report(EQUAL, {
      load: {
        ...ENDINGS.passed.load,
        total: hostResult({ host: 'all', path: '', sent: 10, succeeded: 5, failed: 5, successRatio: 0.5 }),
      } as never,
    });
    expect(failed.outcome.code).toBe('threshold-failed');
    expect(markdown(failed)).toContain('**No difference beyond 5 % between head and base**');
  });
});

test('versions with names go by them alone, and both sides stand where they are listed', () => {
  const named = report(NAMED);
  expect(named.schemaVersion).toBe('1.4');
  expect(named.outcome.summary).toMatch(/^faster-cart 5d6e7f8 is slower than main 1a2b3c4: /);
  const page = renderHtml(named);
  const seen = page.replace(/<(script|style|code).*?<\/\1>/gs, '').replace(/<.*?>/gs, ' ');
  expect(seen.match(/\b([Bb]ase|[Hh]ead)\b/g)).toEqual(['Base', 'Head']);
  expect(page).toContain('faster-cart 5d6e7f8 against main 1a2b3c4');
});

test('rounds are points, and both versions lie over each other', () => {
  const charts = JSON.parse(
    /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(renderHtml(report(SLOWER)))?.[1] ?? 'null',
  ) as Chart[];
  const [distribution, changes, latencies] = charts;
  expect(distribution?.lines.map(({ name }) => name)).toEqual(['base', 'head']);
  for (const { values } of distribution?.lines ?? [])
    expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(1, 6);
  expect(changes).toMatchObject({
    id: 'round-changes',
    shape: 'points',
    levels: [0, 0.05, -0.05],
    marks: [{ name: 'fresh rounds', at: 20.5 }],
  });
  expect(changes?.xs).toHaveLength(34);
  expect(changes?.lines[0]?.values[0]).toBeCloseTo(1.12 / 0.975 - 1, 6);
  expect(latencies?.lines.map(({ values }) => values[5])).toEqual([9.85, expect.closeTo(11.2, 6)]);
});

test('rounds that were too slow for the time are said to be, with what to do', () => {
  const few = {
    ...UNDECIDED,
    stoppedBecause: 'time-limit',
    rounds: UNDECIDED.rounds.slice(0, 4),
    durationSeconds: 16.9,
    windowSeconds: 0.5,
  } as const;
  const metrics = few.metrics.map((metric) => ({ ...metric, interval: null }));
  expect(markdown(report({ ...few, metrics }))).toContain(
    '⚠️ Only 4 rounds fitted into compare-limit, and an interval needs about 20, with time to confirm the result. A round took 4.2 s, 1.0 s of it load: raise compare-limit',
  );
  // With intervals there were enough.
  expect(markdown(report(few))).not.toContain('fitted into compare-limit');
});

test('CPU time is told for each workload, and the p99 of all answers beside that of a window', () => {
  const workload = (name: string, head: number, shareOfChange: number) => ({
    workload: name,
    base: 0.001,
    head,
    estimate: head / 0.001,
    interval: { low: 1.1, high: 2.2 },
    rounds: 20,
    shareOfChange,
  });
  const text = markdown(
    report({
      ...SLOWER,
      workloads: [workload('shop', 0.002, 0.9), workload('cart', 0.0011, 0.1)],
      pooledP99: { base: 40, head: 50, estimate: 1.25, interval: { low: 0.9, high: 1.8 } },
    }),
  ).replaceAll('\u00a0', ' ');
  expect(text).toContain('| `shop` | 1.00 ms | 2.00 ms | +100 % | +10.0 … +120 % | 90 % |');
  expect(text).toContain('Over all answers it was 40.0 ms and 50.0 ms, +25.0 % (95 % by blocks: −10.0 … +80.0 %)');
});

test('each start is shown by itself, with how far they lie apart', () => {
  const starts = [1.12, 1.08, 1.15].map((estimate, start) => ({
    start,
    rounds: start === 0 ? 20 : 7,
    estimates: [{ metric: 'latency-p50' as const, estimate }],
  }));
  const metrics = SLOWER.metrics.map((metric) => ({
    ...metric,
    confirmation: metric.confirmation && { ...metric.confirmation, byStarts: { low: 1.062, high: 1.168 } },
  }));
  const again = report({ ...SLOWER, metrics, starts });
  const text = markdown(again).replaceAll('\u00a0', ' ');
  expect(text).toContain(
    '| Change by start | First, 20 rounds | Again 1, 7 rounds | Again 2, 7 rounds | Spread | By starts |',
  );
  expect(text).toContain('| p50 | +12.0 % | +8.0 % | +15.0 % | 7.0 points | +6.2 … +16.8 % |');
  expect(text).toContain('both versions were restarted 2 times');
  expect(again.schemaVersion).toBe('1.4');
});

describe('profiles', () => {
  const PROFILED: ProfiledWorkload = {
    workload: 'shop',
    unit: 'ms',
    base: { pod: 'shop-1', pods: 1, file: 'profiles/shop-base.pb.gz', seconds: 10, requests: 2000, samples: 150 },
    head: { pod: 'shop-2', pods: 1, file: 'profiles/shop-head.pb.gz', seconds: 10, requests: 2000, samples: 150 },
    total: { base: 100, head: 300 },
    functions: [
      { name: 'example.com/shop/api.(*Server).price', self: { base: 0, head: 200 }, whole: { base: 0, head: 200 } },
      { name: 'example.com/shop/api.(*Server).list', self: { base: 50, head: 40 }, whole: { base: 50, head: 240 } },
    ],
    path: ['main.main', 'example.com/shop/api.(*Server).list', 'example.com/shop/api.(*Server).price'],
    flame: {
      names: ['main.main', '<img src=x>', 'list'],
      nodes: [
        { depth: 0, name: 0, base: 100, head: 300 },
        { depth: 1, name: 1, base: 50, head: 60 },
        { depth: 1, name: 2, base: 50, head: 240 },
      ],
    },
  };
  const profiled = report(SLOWER, { profiles: [PROFILED] });

  test('name in Markdown what most of the time is in, and the functions that changed', () => {
    const text = markdown(profiled).replaceAll('\u00a0', ' ');
    expect(text).toContain(
      'Most of the extra time of head is in **api.(\\*Server).price**, called by `api.(*Server).list`',
    );
    expect(text).toContain('| `api.(*Server).price` | 0.00 ms | 200 ms | **+200 ms (new)** |');
    expect(text).toContain('The profiles have 150 and 150 samples, which is few');
    expect(profiled.schemaVersion).toBe('1.4');
  });

  test('are flame graphs in the page, each function as wide as its time', () => {
    const page = renderHtml(profiled);
    const graphs = [...page.matchAll(/<figure class="flame">.*?<\/figure>/gs)].map(([graph]) => graph);
    expect(graphs).toHaveLength(3);
    expect(graphs[0]).toContain(
      '<svg x="20%" y="18" width="80%" height="17" class="more-3"><title>list: 240 ms in head',
    );
    expect(graphs[1]).toContain('<svg x="50%" y="18" width="50%"');
    expect(page).not.toContain('<img');
  });

  test('are said to show nothing when head spends no more', () => {
    const even = { ...PROFILED, total: { base: 100, head: 90 }, functions: [], path: [] };
    expect(markdown(report(SLOWER, { profiles: [even] }))).toContain('Head spends no more.');
  });
});

describe('the outcome', () => {
  test('is a regression when head was found to be worse twice', () => {
    expect(report(SLOWER).outcome).toMatchObject({
      result: 'failed',
      code: 'regression',
      summary: expect.stringContaining('Head is slower than base: p50 +11.2 %') as unknown,
    });
    expect(report({ ...SLOWER, confirmed: null }).outcome).toMatchObject({ result: 'passed', code: 'passed' });
    expect(report(EQUAL).outcome).toMatchObject({
      result: 'passed',
      summary: 'No difference beyond 5 % between head and base',
    });
  });

  test('is the failure of a stage when there was one', () => {
    const failure = {
      code: 'cancelled',
      stage: 'compare-versions',
      message: 'The run was cancelled (SIGINT).',
      hint: null,
      tryThis: null,
    } as const;
    expect(report(SLOWER, { failure }).outcome).toMatchObject({ result: 'cancelled', code: 'cancelled' });
  });

  test.each([
    { comparison: SLOWER, broken: false, regression: true, threshold: true, expected: true },
    { comparison: SLOWER, broken: false, regression: false, threshold: true, expected: false },
    { comparison: SLOWER, broken: true, regression: false, threshold: true, expected: true },
    { comparison: SLOWER, broken: true, regression: false, threshold: false, expected: false },
    { comparison: EQUAL, broken: false, regression: true, threshold: true, expected: false },
    { comparison: EQUAL, broken: true, regression: true, threshold: false, expected: false },
    { comparison: UNDECIDED, broken: false, regression: true, threshold: true, expected: false },
  ])(
    'fails the step: $comparison.verdict, threshold broken $broken, fail-on-regression $regression, fail-on-threshold $threshold',
    ({ comparison, broken, regression, threshold, expected }) => {
      const settings = {
        ...ENDINGS.passed.settings,
        thresholds: broken ? 'http_req_duration: p(95)<0.001' : 'http_req_duration: p(95)<10000',
      };
      expect(
        failsStep(report(comparison, { settings }), {
          'fail-on-regression': regression,
          'fail-on-threshold': threshold,
        }),
      ).toBe(expected);
    },
  );
});

describe('the metrics', () => {
  const tables = (given: Comparison): [open: string, folded: string] => {
    const [section = ''] = renderReport(report(given)).filter((text) => text.includes('| Metric |'));
    const [open = '', folded = ''] = section.split('<details>');
    return [open, folded.split('</details>')[0] ?? ''];
  };

  test('that changed or that nothing can be told of stand open, the others are folded and named', () => {
    const [open, folded] = tables(SLOWER);
    expect(open).toMatch(/\| throughput \| ❔ can't tell .*\| p50 \| ❌ slower.*\| p99 \| ❔ can't tell/s);
    expect(open).not.toContain('| memory |');
    expect(folded).toMatch(/^<summary>No difference in CPU per request, memory, failed requests<\/summary>/);
    expect(folded).toMatch(/\| CPU per request \| ➖.*\| memory \| ➖.*\| failed requests \| ➖/s);
  });

  test('are all folded when none changed', () => {
    const [open, folded] = tables(EQUAL);
    expect(open).not.toContain('| p50 |');
    expect(folded).toContain('| p50 | ➖ no difference |');
  });

  test('have their intervals over a scale with a head, the same in both tables', () => {
    const page = renderHtml(report(SLOWER));
    const scales = [...page.matchAll(/Grey: within 5 % <svg class="scale"[^>]*aria-label="(.*?)">/g)].map(
      ([, label]) => label,
    );
    expect(scales).toEqual(['from −15 % to +15 %', 'from −15 % to +15 %']);
    // p99 reaches from -9 % to +31 %, beyond the scale on one side.
    const p99 = /<th scope="row" class="text">p99<\/th>.*?<\/tr>/s.exec(page)?.[0] ?? '';
    expect(p99.match(/<path d="M160 /g)).toHaveLength(1);
    expect(p99).not.toContain('<path d="M0 ');
  });
});

test('beside a single host there is no row of all, and its row has the intervals', () => {
  const { total, hosts, uncertainty } = measuredLoad();
  const [host] = hosts;
  if (host === undefined || uncertainty === undefined) throw new Error('the load has both');
  const alone = measuredLoad({ hosts: [{ ...host, sent: total.sent, succeeded: total.sent }] });
  const text = renderReport(buildReport(state({ load: alone }), '2026-11-23T10:05:00.000Z')).join('\n');
  expect(text).not.toContain('**all**');
  expect(text).toMatch(/\| `foo.localhost` \|.*\n\| <sub>95 % interval<\/sub> \|/);
});

describe('a run that was too short for resources', () => {
  const why = 'No CPU use was measured, because that needs two samples within the load, which lasted 2.0 s.';
  const nothing = { value: null, samples: 0 };
  const used = resources({ missing: [why] });
  const silent = {
    cpuCores: nothing,
    memoryBytes: nothing,
    networkReceivedBytesPerSecond: nothing,
    networkSentBytesPerSecond: nothing,
    cpuThrottledShare: nothing,
    cpuShareOfLimit: null,
    memoryShareOfLimit: null,
  };
  const without = (restarts: number): Report =>
    buildReport(
      {
        ...ENDINGS.passed,
        resources: {
          ...used,
          workloads: used.workloads.map((workload) => ({ ...workload, ...silent, restarts })),
          nodes: used.nodes.map((node) => ({ ...node, ...silent })),
        },
      },
      '2026-11-23T10:05:00.000Z',
    );

  test('has a sentence that says why, and no table of dashes', () => {
    const text = renderReport(without(0)).join('\n');
    expect(text).toContain(`### Resources during the load\n\n<sub>${why}</sub>`);
    expect(text).not.toContain('| Workload |');
    expect(text).not.toContain('| Node |');
  });

  test('still tells of restarts', () => {
    expect(renderReport(without(2)).join('\n')).toContain('| `echo/foo` | – | – | – | – | – | 2 |');
  });
});
