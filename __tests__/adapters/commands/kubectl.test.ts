import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKind } from '../../../src/adapters/commands/kind.ts';
import { buildKustomization, openKubectl, wasRefused } from '../../../src/adapters/commands/kubectl.ts';
import { openShell } from '../../../src/adapters/commands/shell.ts';
import { readSamples, readTargets } from '../../../src/adapters/prometheus.ts';
import { parseManifests } from '../../../src/cluster/manifests.ts';
import { OWN_PROMETHEUS } from '../../../src/cluster/prometheus-service.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { createFakeTools, type Scenario } from '../../fakes/tools.ts';

const folder = temporaryFolders();

function start(scenario: Scenario = {}) {
  const home = folder();
  const tools = createFakeTools(home);
  tools.scenario(scenario);
  const shell = openShell({ signal: new AbortController().signal });
  const kubeconfig = join(home, 'kube config');
  return {
    home,
    tools,
    shell,
    kubeconfig,
    kubectl: openKubectl(shell, join(tools.bin, 'kubectl'), kubeconfig),
    kind: openKind(shell, join(tools.bin, 'kind')),
  };
}

const rule = (match: string, answer: { stdout?: string; stderr?: string; exit?: number }): Scenario => ({
  rules: [{ tool: 'kubectl', match, ...answer }],
});

describe('kubectl', () => {
  test('asks one cluster only, by the kubeconfig of the run', async () => {
    const { kubectl, tools, kubeconfig } = start();
    await kubectl.get('nodes');
    await kubectl.text('describe', 'nodes');
    expect(tools.calls('kubectl').map(({ args }) => args)).toEqual([
      ['--kubeconfig', kubeconfig, 'get', 'nodes', '--output=json'],
      ['--kubeconfig', kubeconfig, 'describe', 'nodes'],
    ]);
  });

  test('an answer that is not JSON is told with what was asked', async () => {
    const { kubectl } = start(rule('get pods', { stdout: 'No resources found' }));
    await expect(kubectl.get('pods', '--all-namespaces')).rejects.toThrow(
      'kubectl get pods --all-namespaces gave an unusable answer: it is not JSON',
    );
  });

  test('applies on the side of the server what it is given, one object per line', async () => {
    const { kubectl, tools } = start();
    await kubectl.apply(
      [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b', namespace: 'n' } },
      ]
        .map((object) => `${JSON.stringify(object)}\n`)
        .join(''),
      10_000,
    );
    expect(tools.names('applied')).toEqual(['ConfigMap//a', 'Secret/n/b']);
    expect(tools.lines('kubectl')[0]).toMatch(
      /apply --server-side --force-conflicts --field-manager=k8s-loadtest-ci --filename=-$/,
    );
  });

  test('hands on each event of a watch, until it is stopped or can’t be read', async () => {
    const signal = new AbortController().signal;
    const { kubectl, tools } = start(rule('watch=true', { stdout: '{"type":"ADDED"}\n{"type":"MODI' }));
    const events: unknown[] = [];
    await kubectl.watch('/apis/x?watch=true', (event) => events.push(event), { deadlineMs: 10_000, signal });
    // What was cut off is no event.
    expect(events).toEqual([{ type: 'ADDED' }]);
    expect(tools.lines('kubectl')[0]).toMatch(/get --raw \/apis\/x\?watch=true$/);
    const broken = start(rule('watch=true', { stdout: '<html>\n' }));
    await expect(
      broken.kubectl.watch('/apis/x?watch=true', () => undefined, { deadlineMs: 10_000, signal }),
    ).rejects.toThrow(/JSON/);
    await expect(
      kubectl.watch(
        '/apis/x?watch=true',
        () => {
          throw new Error('unread');
        },
        { deadlineMs: 10_000, signal },
      ),
    ).rejects.toThrow('unread');
  });

  test('a command in a pod gives its bytes as they are, and its reason when it fails', async () => {
    const signal = new AbortController().signal;
    const options = { deadlineMs: 10_000, signal };
    const { kubectl, tools } = start(rule('exec', { stdout: 'main;list 3\n' }));
    const printed = await kubectl.exec({ namespace: 'shop', name: 'shop-1' }, ['sh', '-c', 'p'], options);
    expect(printed).toEqual(Buffer.from('main;list 3\n'));
    expect(tools.lines('kubectl')[0]).toMatch(/exec --namespace=shop shop-1 -- sh -c p$/);
    const failing = start(rule('exec', { exit: 126, stderr: 'permission denied' }));
    await expect(failing.kubectl.exec({ namespace: 'shop', name: 'shop-1' }, ['p'], options)).rejects.toThrow(
      'permission denied',
    );
  });

  describe('forwarding a port', () => {
    const PROMETHEUS = { namespace: 'monitoring', name: 'prometheus', port: 'http' };
    const signal = new AbortController().signal;
    const LINES = 'Forwarding from 127.0.0.1:40123 -> 9090\nHandling connection for 40123\n';

    test('tells the port that leads to the Service, and closes it', async () => {
      const { kubectl, tools } = start({
        rules: [{ tool: 'kubectl', match: 'port-forward', stdout: LINES, hang: true }],
      });
      const forward = await kubectl.forward(PROMETHEUS, { deadlineMs: 60_000, signal });
      expect(forward.port).toBe(40_123);
      expect(tools.lines('kubectl')[0]).toMatch(
        /port-forward --namespace=monitoring --address=127\.0\.0\.1 service\/prometheus :http$/,
      );
      await forward.close();
      expect(await forward.ended).toContain('port-forward');
    });

    test('leads to a pod, too', async () => {
      const { kubectl, tools } = start({
        rules: [{ tool: 'kubectl', match: 'port-forward', stdout: LINES, hang: true }],
      });
      const pod = { namespace: 'shop', name: 'shop-1', port: '6060' };
      const forward = await kubectl.forwardToPod(pod, { deadlineMs: 60_000, signal });
      expect(tools.lines('kubectl')[0]).toMatch(/ pod\/shop-1 :6060$/);
      await forward.close();
    });

    test('says why nothing is forwarded any more', async () => {
      const { kubectl } = start({
        rules: [
          { tool: 'kubectl', match: 'port-forward', stdout: LINES, stderr: 'error: lost connection to pod', exit: 1 },
        ],
      });
      const forward = await kubectl.forward(PROMETHEUS, { deadlineMs: 60_000, signal });
      expect(await forward.ended).toContain('lost connection to pod');
      await forward.close();
    });

    test('fails with the reason of kubectl when there is none', async () => {
      const { kubectl } = start(
        rule('port-forward', { exit: 1, stderr: 'Error from server (NotFound): services "prometheus" not found' }),
      );
      await expect(kubectl.forward(PROMETHEUS, { deadlineMs: 60_000, signal })).rejects.toThrow(
        'services "prometheus" not found',
      );
    });
  });

  test('what it refuses is told apart from what was cancelled', async () => {
    const { kubectl, shell, kubeconfig } = start(rule('apply', { exit: 1, stderr: 'error: no' }));
    const refused: unknown = await kubectl.apply('', 10_000).catch((error: unknown) => error);
    expect(wasRefused(refused)).toBe(true);
    const missing: unknown = await openKubectl(shell, '/nonexistent', kubeconfig)
      .text('get')
      .catch((error: unknown) => error);
    expect(wasRefused(missing)).toBe(false);
    expect(wasRefused(new Error('x'))).toBe(false);
  });
});

describe('a kustomization', () => {
  test('is built to the text of its objects', async () => {
    const { shell, tools } = start();
    const yaml = await buildKustomization(shell, join(tools.bin, 'kubectl'), 'manifests/base');
    expect(parseManifests(yaml).map(({ kind }) => kind)).toContain('Deployment');
  });

  test('that is broken fails with the reason of kubectl', async () => {
    const { shell, tools, home } = start();
    mkdirSync(join(home, 'k'));
    writeFileSync(join(home, 'k', 'kustomization.yaml'), 'resources: [missing.yaml]\n');
    await expect(buildKustomization(shell, join(tools.bin, 'kubectl'), join(home, 'k'))).rejects.toThrow(
      /accumulating resources from 'missing\.yaml'/,
    );
  });
});

describe('kind', () => {
  test('creates a cluster with a kubeconfig of its own, and leaves waiting to us', async () => {
    const { kind, home, tools, kubeconfig } = start({ httpPort: 8080 });
    const config = join(home, 'kind.yaml');
    writeFileSync(config, 'nodes:\n- role: control-plane\n- role: worker\n');
    await kind.create({ name: 'lt-1', image: 'kindest/node:v1', config, kubeconfig }, 10_000);
    expect(await kind.clusters()).toEqual(['lt-1']);
    expect(tools.names('containers')).toEqual(['lt-1-control-plane', 'lt-1-worker']);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    expect(tools.calls('kind')[0]?.args).toEqual([
      'create',
      'cluster',
      '--name',
      'lt-1',
      '--image',
      'kindest/node:v1',
      '--config',
      config,
      '--kubeconfig',
      kubeconfig,
      '--wait',
      '0s',
      '--retain',
    ]);
  });

  test('deletes a cluster, and one that is not there', async () => {
    const { kind, tools, kubeconfig } = start();
    tools.add('containers', 'lt-1-control-plane', { cluster: 'lt-1' });
    await kind.delete({ name: 'lt-1', kubeconfig });
    await kind.delete({ name: 'lt-1', kubeconfig });
    expect(await kind.clusters()).toEqual([]);
  });

  test('keeps the logs of the nodes', async () => {
    const { kind, home } = start();
    await kind.exportLogs('lt-1', join(home, 'logs'));
    expect(existsSync(join(home, 'logs', 'lt-1-control-plane', 'kubelet.log'))).toBe(true);
  });
});

describe('Prometheus, asked through the API server', () => {
  const matrix = (...result: object[]): string =>
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  const window = { start: 1_700_000_000.5, end: 1_700_000_030.5 };

  test('gives the raw samples of a window, both ends of which belong to it', async () => {
    const { kubectl, tools } = start(
      rule('--raw', {
        stdout: matrix({
          metric: { pod: 'a' },
          values: [
            [1_700_000_000.5, '1'],
            [1_700_000_002.5, '2.5'],
          ],
        }),
      }),
    );
    expect(await readSamples(kubectl, OWN_PROMETHEUS, 'container_cpu', window)).toEqual([
      {
        labels: { pod: 'a' },
        samples: [
          { time: 1_700_000_000.5, value: 1 },
          { time: 1_700_000_002.5, value: 2.5 },
        ],
      },
    ]);
    const asked = new URL(tools.calls('kubectl')[0]?.args.at(-1) ?? '', 'http://x');
    expect(asked.pathname).toBe('/api/v1/namespaces/monitoring/services/prometheus:http/proxy/api/v1/query');
    expect(asked.searchParams.get('query')).toBe('container_cpu[30001ms]');
    expect(asked.searchParams.get('time')).toBe('1700000030.500');
  });

  test('what is no number is left out', async () => {
    const values = ['NaN', '+Inf', '-Inf', '1e3', '0', '', ' ', '-1', '1e300'].map((value, index) => [index, value]);
    const { kubectl } = start(rule('--raw', { stdout: matrix({ metric: {}, values }) }));
    const [series] = await readSamples(kubectl, OWN_PROMETHEUS, 'x', window);
    expect(series?.samples).toEqual([
      { time: 3, value: 1000 },
      { time: 4, value: 0 },
    ]);
  });

  test('samples in disorder, and several of one moment, are put in order', async () => {
    const values = [20, 10, 30, 20, 15].map((time, index) => [time, String(index)]);
    const { kubectl } = start(rule('--raw', { stdout: matrix({ metric: {}, values }) }));
    const [series] = await readSamples(kubectl, OWN_PROMETHEUS, 'x', window);
    expect(series?.samples.map(({ time, value }) => [time, value])).toEqual([
      [10, 1],
      [15, 4],
      [20, 3],
      [30, 2],
    ]);
  });

  const broken = [
    { name: 'HTML', answer: { stdout: '<html>502</html>' }, message: /JSON/ },
    {
      name: 'an error of its own',
      answer: { stdout: '{"status":"error","errorType":"bad_data","error":"x"}' },
      message: /Prometheus refused a query/,
    },
    {
      name: 'a 503',
      answer: {
        exit: 1,
        stderr: 'Error from server (ServiceUnavailable): no endpoints available for service "prometheus"',
      },
      message: /no endpoints available/,
    },
    {
      name: 'another kind of result',
      answer: { stdout: '{"status":"success","data":{"resultType":"vector","result":[]}}' },
      message: /resultType/,
    },
    { name: 'nothing', answer: { stdout: '' }, message: /it is empty/ },
  ];
  test.each(broken)('$name is an error that says so', async ({ answer, message }) => {
    const { kubectl } = start(rule('--raw', answer));
    await expect(readSamples(kubectl, OWN_PROMETHEUS, 'x', window)).rejects.toThrow(message);
  });

  test('says what it scrapes', async () => {
    const target = {
      labels: { job: 'j', node: 'a' },
      scrapeUrl: 'http://a',
      health: 'up',
      lastError: '',
      discoveredLabels: {},
    };
    const { kubectl } = start(
      rule('targets', {
        stdout: JSON.stringify({ status: 'success', data: { activeTargets: [target], droppedTargets: [] } }),
      }),
    );
    expect(await readTargets(kubectl, OWN_PROMETHEUS)).toMatchObject([
      { health: 'up', scrapeUrl: 'http://a', labels: { node: 'a' } },
    ]);
  });
});

test('the kubeconfig of a fake is not one of this machine', () => {
  // A guard for this suite: nothing here may ever reach a real cluster.
  const { home, tools } = start();
  expect(readFileSync(join(tools.bin, 'kubectl'), 'utf8')).toContain(home);
});
