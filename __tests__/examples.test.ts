import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { WORKLOAD_IMAGES } from '../src/cluster/pinned-versions.ts';
import { parseInputs } from '../src/inputs/parse.ts';
import { parseScenario } from '../src/load/requests/scenario.ts';

const files = readdirSync('examples', { recursive: true, encoding: 'utf8' });
const workflows = files.filter((file) => file.endsWith('.yml'));
const manifests = files.filter((file) => file.endsWith('.yaml'));

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[] }
    >
  >;
}

describe.each(workflows)('the workflow %s', (file) => {
  const { jobs } = parse(readFileSync(join('examples', file), 'utf8')) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const ours = steps.filter(({ uses = '' }) => uses.startsWith('k8s-loadtest-ci/'));

  test('uses the action with good inputs, and folders that are there', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const step of ours) {
      const texts = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, String(value)]));
      const unknown = new Set(Object.keys(texts));
      const { inputs, faults } = parseInputs((name) => {
        unknown.delete(name);
        return texts[name] ?? '';
      });
      expect(faults).toEqual([]);
      expect([...unknown]).toEqual([]);
      for (const folder of [...inputs.manifests, inputs['ingress-manifests']]) {
        if (folder?.startsWith('examples/') === true) expect(existsSync(join(folder, 'kustomization.yaml'))).toBe(true);
      }
    }
  });

  test('pins every other action by commit', () => {
    for (const { uses } of steps) {
      if (uses !== undefined && !uses.startsWith('k8s-loadtest-ci/')) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    }
  });
});

test('the scenario is a good one', () => {
  const { targets, faults } = parseScenario(readFileSync(join('examples', 'scenario.yaml'), 'utf8'));
  expect(faults).toEqual([]);
  expect(targets.length).toBeGreaterThan(0);
});

test('the journeys are good ones', () => {
  const text = readFileSync(join('examples', 'journeys.yaml'), 'utf8');
  const { journeys, faults } = parseScenario(text, (file) => readFileSync(join('examples', file), 'utf8'));
  expect(faults).toEqual([]);
  expect(journeys?.map(({ steps }) => steps.length)).toEqual([4, 2]);
});

test('the streams are good ones', () => {
  const { journeys, faults } = parseScenario(readFileSync(join('examples', 'streams.yaml'), 'utf8'));
  expect(faults).toEqual([]);
  expect(journeys?.map(({ steps: [step] }) => step?.stream ?? step?.echo?.messages)).toEqual(['events', 10]);
});

test('every image of an example has a tag and a digest, and one tag has one digest', () => {
  const named = manifests.flatMap((file) =>
    [...readFileSync(join('examples', file), 'utf8').matchAll(/^\s*-?\s*image:\s*"?([^\s"#]+)/gm)].map(
      ([, image = '']) => image,
    ),
  );
  expect(named.length).toBeGreaterThan(0);
  const byTag = new Map(Object.values(WORKLOAD_IMAGES).map((image) => image.split('@') as [string, string]));
  for (const image of named) {
    expect(image).toMatch(/^[a-z0-9.]+\/[a-z0-9/-]+:v?[\d.]+(-[a-z0-9.]+)?@sha256:[0-9a-f]{64}$/);
    const [tag = '', digest = ''] = image.split('@');
    expect(byTag.get(tag) ?? digest).toBe(digest);
    byTag.set(tag, digest);
  }
});
