import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Report } from '../../src/model/report.ts';
import { ActionRun, type Ended } from './action.ts';
import { machineState } from './machine.ts';

const FIXTURES = `${process.cwd()}/__tests__/e2e/fixtures`;

interface Finished {
  readonly main: Ended;
  readonly report: Report;
}

/** One run of the action for the tests of a block, whose clusters are gone after it. */
function running(inputs: Readonly<Record<string, string>>): () => Finished {
  const before = machineState();
  const action = new ActionRun(inputs);
  let finished: Finished | undefined;
  beforeAll(async () => {
    const main = await action.run('main');
    finished = { main, report: action.json('report.json') as Report };
  });
  afterAll(async () => {
    const post = await action.run('post');
    action.dispose();
    expect(post.exitCode).toBe(0);
    expect(machineState()).toEqual(before);
  });
  return () => {
    if (finished === undefined) throw new Error('the run has not ended');
    return finished;
  };
}

const passed = ({ main, report }: Finished): void => {
  expect({ exitCode: main.exitCode, failure: report.outcome.failure }).toEqual({ exitCode: 0, failure: null });
};

/** What the ingress controller counted is what was sent. */
const seenByIngress = ({ report }: Finished): void => {
  expect(report.witness).toMatchObject({ doubts: [] });
  expect(report.witness?.hosts.map(({ counted }) => counted === null)).not.toContain(true);
};

describe('Applications of others behind Traefik', () => {
  const run = running({
    'ingress-controller': 'traefik',
    manifests: `${FIXTURES}/foreign`,
    expose: 'podinfo.localhost=podinfo:http\nhttpbin.localhost=httpbin',
    scenario: `${FIXTURES}/foreign/scenario.yaml`,
    // Through podinfo, which keeps it in redis.
    prepare:
      'curl --fail --silent --show-error --header "Host: podinfo.localhost" --data hello "$INGRESS_URL/cache/greeting" && echo stored in "$NAMESPACE"',
    autoscaling: 'true',
    nodes: '2',
    requests: '1600',
  });

  test('are loaded after they were prepared, and every answer is the expected one', () => {
    passed(run());
    const { load, stages } = run().report;
    expect(run().main.log).toContain('stored in foreign');
    expect(stages.map(({ name }) => name)).toEqual(expect.arrayContaining(['check-health', 'prepare', 'run-load']));
    expect(load?.total).toMatchObject({ sent: 1600, succeeded: 1600, failed: 0 });
    expect(load?.hosts).toHaveLength(16);
  });

  test('and Traefik counted the same requests', () => {
    seenByIngress(run());
  });

  test('have an autoscaler with figures, and the report shows it', () => {
    expect(JSON.stringify(run().report.autoscaling)).toContain('podinfo');
  });
});

describe('HTTPRoutes behind Traefik', () => {
  const run = running({ 'ingress-controller': 'traefik-gateway', nodes: '2', requests: '400' });

  test('are served, and Traefik counted the same requests', () => {
    passed(run());
    expect(run().report.load?.total).toMatchObject({ sent: 400, succeeded: 400, failed: 0 });
    seenByIngress(run());
  });
});

describe('A Helm chart against itself with other values', () => {
  const run = running({
    manifests: `${FIXTURES}/chart`,
    'helm-set': 'randomDelay=true',
    'baseline-manifests': `${FIXTURES}/chart`,
    'baseline-helm-values': `${FIXTURES}/chart/ci-values.yaml`,
    namespace: 'shop',
    reset: 'echo "$VERSION" >> resets',
    nodes: '2',
    prometheus: 'false',
    'compare-duration': '20s',
    'compare-limit': '60s',
    'fail-on-regression': 'false',
  });

  test('is rendered for each, with its hooks', () => {
    const { log } = run().main;
    for (const side of ['base', 'head']) {
      expect(log).toContain(`pre-install hook Job ${side}-shop/shop-migrate: 1 objects applied`);
      expect(log).toContain(`post-install hook Job ${side}-shop/shop-announce: 1 objects applied`);
    }
    expect(log).toContain('Pod shop-test (test)');
  });

  test('and head, which delays its answers, is found to be slower; the step is left green as asked', () => {
    const { main, report } = run();
    expect(report.comparison?.verdict).toBe('slower');
    expect({ exitCode: main.exitCode, code: report.outcome.code }).toEqual({ exitCode: 0, code: 'regression' });
  });
});
