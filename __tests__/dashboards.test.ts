import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DASHBOARDS, expressionsOf } from '../scripts/dashboards.ts';
import { LOAD_METRICS } from '../src/load/metrics/load-series.ts';

const FOLDER = 'manifests/components/grafana';

/** The metrics that Prometheus keeps, by its own configuration, and those that are pushed to it. */
const KEPT = new RegExp(
  `^(${[...readFileSync('manifests/platform/prometheus/prometheus.yml', 'utf8').matchAll(/action: keep\n\s+regex: (.+)/g)].map(([, regex]) => regex).join('|')}|up|scrape_duration_seconds|${Object.values(LOAD_METRICS).join('|')})$`,
);

test('each dashboard is a file of the component, and of its ConfigMap', () => {
  const files = Object.keys(DASHBOARDS)
    .map((name) => `${name}.json`)
    .sort();
  expect(readdirSync(`${FOLDER}/dashboards`).sort()).toEqual(files);
  const { configMapGenerator } = parse(readFileSync(`${FOLDER}/kustomization.yaml`, 'utf8')) as {
    configMapGenerator: { files: string[] }[];
  };
  expect(
    configMapGenerator
      .flatMap(({ files: named }) => named)
      .filter((file) => file.startsWith('dashboards/'))
      .sort(),
  ).toEqual(files.map((file) => `dashboards/${file}`));
});

test('every metric of the load is in the dashboard of the load test', () => {
  const asked = expressionsOf(DASHBOARDS['load-test'] ?? ({} as never))
    .map(({ expr }) => expr)
    .join('\n');
  for (const metric of Object.values(LOAD_METRICS)) expect(asked).toContain(metric);
});

test('no two dashboards have the same address', () => {
  const uids = Object.values(DASHBOARDS).map(({ uid }) => uid);
  expect(new Set(uids).size).toBe(uids.length);
});

describe.each(Object.entries(DASHBOARDS))('the dashboard %s', (_name, dashboard) => {
  test('asks only for what Prometheus keeps', () => {
    const expressions = expressionsOf(dashboard);
    expect(expressions.length).toBeGreaterThan(0);
    for (const { expr } of expressions) {
      const metrics = expr.match(/\b(container|loadtest|machine|nginx|up|scrape)_?[a-z_]*\b(?=[{[\s)]|$)/g) ?? [];
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics.filter((word) => word !== 'container')) expect(metric).toMatch(KEPT);
    }
  });

  test('takes rates over the interval that Grafana works out', () => {
    for (const { expr } of expressionsOf(dashboard))
      expect(
        expr.match(/\[[^\]]*\]/g)?.every((range) => range === '[$__rate_interval]' || range === '[45]') ?? true,
      ).toBe(true);
  });

  test('has the data source that is provisioned, and panels that do not cover each other', () => {
    const { datasources } = parse(readFileSync(`${FOLDER}/data-source.yaml`, 'utf8')) as {
      datasources: { uid: string; type: string }[];
    };
    const places = new Set<string>();
    for (const panel of dashboard.panels ?? []) {
      expect('datasource' in panel && panel.datasource).toEqual({
        uid: datasources[0]?.uid,
        type: datasources[0]?.type,
      });
      const { x = 0, y = 0, w = 0 } = panel.gridPos ?? {};
      expect(x + w).toBeLessThanOrEqual(24);
      places.add(`${String(x)}/${String(y)}`);
    }
    expect(places.size).toBe(dashboard.panels?.length);
  });
});
