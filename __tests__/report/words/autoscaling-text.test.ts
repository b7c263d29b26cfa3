import { describe, expect, test } from '@jest/globals';
import type { Report } from '../../../src/model/report.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { autoscalingTexts } from '../../../src/report/words/autoscaling-text.ts';
import type { PipelineState } from '../../../src/state.ts';
import { renderHtml, renderReport } from '../../fakes/plain-renderings.ts';
import { ENDINGS, load, resources, state } from '../../fakes/state.ts';
import { CPU, RECORD } from '../autoscaled.ts';

const timeline = Array.from({ length: 120 }, (_, index) => ({
  startSeconds: index / 2,
  seconds: 0.5,
  answered: index < 50 ? 50 : 40,
  failed: 0,
  p50Ms: index < 50 ? 2 : 3,
  p99Ms: 9,
}));
const LOAD = load({ durationSeconds: 60, timeline });
const RESOURCES = resources({
  timeline: {
    stepSeconds: 1,
    workloads: [{ namespace: 'echo', kind: 'Deployment', name: 'foo', cpuCores: [...CPU], memoryBytes: [] }],
  },
});
const report = (changes: Partial<PipelineState> = {}): Report =>
  buildReport(
    state({ ...ENDINGS.passed, load: LOAD, resources: RESOURCES, replicaRecords: [RECORD], ...changes }),
    '2026-11-23T10:05:00.000Z',
  );
const textsOf = ({ autoscaling = [], load: sent }: Report): string[] =>
  sent === null ? [] : autoscalingTexts(autoscaling, sent);

test('a scale-up is told with its moments, its target, and what became of the load', () => {
  expect(textsOf(report())).toEqual([
    'echo/foo went from 2 to 5 pods; the first new one was ready 19.5 s after the CPU use had exceeded the target (exceeded at 3.0 s, decided at 20.0 s, ready at 22.5 s). In the 36.0 s after its last new pod was ready its CPU use was 50 % of the requests. The target of 50 % was kept (Kubernetes tolerates a tenth more).',
    'Before any pods were added 100 /s were answered, half of them within about 2.00 ms; after the last new one was ready 80.6 /s were answered, half of them within about 2.97 ms.',
  ]);
});

describe('without a scale-up it is told why', () => {
  const quiet = { ...RECORD, replicas: RECORD.replicas.slice(0, 2) };
  const of = (cpuCores: (number | null)[]) => ({
    resources: resources({
      timeline: {
        stepSeconds: 1,
        workloads: [{ namespace: 'echo', kind: 'Deployment', name: 'foo', cpuCores, memoryBytes: [] }],
      },
    }),
  });
  const table = [
    {
      name: 'the load was too short',
      changes: { load: load({ durationSeconds: 20 }) },
      text: /^echo\/foo kept its 2 pods: its CPU use exceeded the target of 50 % at 3\.0 s, and the 17\.0 s that were left are too short to see a scale-up, which can take 40 s: raise duration\.$/,
    },
    {
      name: 'there was nothing to do',
      changes: of([0.02, 0.05]),
      text: /^echo\/foo kept its 2 pods: its CPU use was 25 % of the requests at most, and the target is 50 %\.$/,
    },
    {
      name: 'the autoscaler did nothing',
      changes: {},
      text: /and its autoscaler added none in the 57\.0 s that were left\.$/,
    },
    {
      name: 'it has its most pods already',
      changes: { replicaRecords: [{ ...quiet, maxReplicas: 2 }] },
      text: /and it is at its maximum\.$/,
    },
    {
      name: 'the use was not measured',
      changes: { resources: null },
      text: /^echo\/foo kept its 2 pods; its CPU use was not measured\.$/,
    },
    {
      name: 'it scales by something else',
      changes: { replicaRecords: [{ ...quiet, targetUtilization: null }] },
      text: /^echo\/foo kept its 2 pods\.$/,
    },
    {
      name: 'nothing was recorded',
      changes: { replicaRecords: [{ ...quiet, replicas: [] }] },
      text: /^The number of pods of echo\/foo was not recorded\.$/,
    },
  ];
  test.each(table)('$name', ({ changes, text }) => {
    expect(textsOf(report({ replicaRecords: [quiet], ...changes }))).toEqual([expect.stringMatching(text)]);
  });
});

test('a maximum that was reached, and a target that was not kept, are told', () => {
  const busy = resources({
    timeline: {
      stepSeconds: 1,
      workloads: [
        {
          namespace: 'echo',
          kind: 'Deployment',
          name: 'foo',
          cpuCores: Array.from({ length: 60 }, () => 0.4),
          memoryBytes: [],
        },
      ],
    },
  });
  expect(textsOf(report({ replicaRecords: [{ ...RECORD, maxReplicas: 5 }], resources: busy }))[0]).toMatch(
    /It reached its maximum of 5 pods at 20\.0 s\. In the .* was 80 % of the requests\. The target of 50 % was not kept/,
  );
});

test('new pods that were not ready in time have no delay', () => {
  expect(textsOf(report({ replicaRecords: [{ ...RECORD, replicas: RECORD.replicas.slice(0, 3) }] }))[0]).toMatch(
    /^echo\/foo went from 2 to 5 pods, decided at 20\.0 s, but no new one was ready before the load ended\. Too little/,
  );
});

describe('the renderings', () => {
  test('of Markdown have the sentences, a table, and a chart of the pods', () => {
    const text = renderReport(report()).join('\n\n');
    expect(text).toContain('| `echo/foo` | 2 → 5 | 6 | 3.0 s | 20.0 s | 22.5 s | 24.0 s | 19.5 s | 50 % | 50 % |');
    expect(text).toContain('**Ready pods over time**');
  });

  test('of HTML have charts of pods and use on the clock of the load', () => {
    const page = renderHtml(report());
    const charts = JSON.parse(
      /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? '[]',
    ) as {
      id: string;
      clock: boolean;
      xs: number[];
      lines: { name: string; values: (number | null)[] }[];
      levels?: number[];
    }[];
    expect(charts.find(({ id }) => id === 'pods')).toMatchObject({
      clock: true,
      xs: [0, 20, 22.5, 24, 60],
      lines: [
        { name: 'foo asked for', values: [2, 5, 5, 5, 5] },
        { name: 'foo ready', values: [2, 2, 3, 5, 5] },
      ],
    });
    expect(charts.find(({ id }) => id === 'utilization')).toMatchObject({ clock: true, levels: [0.5] });
    expect(page).toContain('<h2 id="autoscaling">Autoscaling</h2>');
  });

  test('have nothing of it when it was not asked for', () => {
    const without = report({ replicaRecords: undefined });
    expect([without.schemaVersion, 'autoscaling' in without]).toEqual(['1.0', false]);
    expect(renderHtml(without)).not.toContain('id="autoscaling"');
    expect(report().schemaVersion).toBe('1.2');
  });
});
