import { doesNotMatch, equal, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { listFiles } from '../../../src/adapters/files.ts';
import { commandsOf } from '../../dist/runner.ts';
import { list, PODS, workload } from '../../fakes/kubernetes.ts';
import type { Scenario } from '../../fakes/tools.ts';
import { failed, passed, says } from '../expectations.ts';
import { fastClock } from '../preload.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, FaultJobOptions, Trial } from '../trial.ts';

/** A: Kubernetes refuses the application, or it does not come up. */

const WEBHOOK =
  'Error from server (InternalError): Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": Post "https://x.svc:443": dial tcp 10.96.1.1:443: connect: connection refused';

/** A pod that does not become ready: what the pods say and what the log of its container says. */
const neverReady =
  (pod: object, code: Parameters<typeof failed>[2], text: string, log = 'a line\n'): Case =>
  async (trial) => {
    const job = await trial.job({
      rules: [
        { tool: 'kubectl', match: ' get Deployment', stdout: JSON.stringify(list(workload({ status: {} }))) },
        { tool: 'kubectl', match: ' get pods --all-namespaces', stdout: JSON.stringify(list(pod)) },
        { tool: 'kubectl', match: ' logs ', stdout: log },
      ],
    });
    const main = await job.main();
    const report = failed(job, main, code, 'check-health');
    ok(report.outcome.failure?.message.includes(text), report.outcome.failure?.message);
    for (const file of ['events.txt', 'pods.txt', 'nodes.txt']) ok(report.diagnostics.includes(`diagnostics/${file}`));
  };

/** The manifests of the workspace, file by file. */
function writeManifests(job: FaultJob, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(job.workspace, 'app'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(job.workspace, 'app', name), text);
}

interface BrokenManifests {
  readonly files: Readonly<Record<string, string>>;
  readonly prepare?: (job: FaultJob) => void;
  readonly options?: FaultJobOptions;
}

const doesNotBuild =
  ({ files, prepare, options = {} }: BrokenManifests, text: string | RegExp): Case =>
  async (trial) => {
    const job = await trial.job({ ...options, inputs: { manifests: 'app' } });
    writeManifests(job, files);
    prepare?.(job);
    const main = await job.main();
    failed(job, main, 'manifest-invalid', 'render-manifests');
    says(main, text);
    equal(
      job.tools.lines('kind').some((line) => line.startsWith('create')),
      false,
    );
  };

const writeOutside = ({ home }: FaultJob): void => {
  writeFileSync(join(home, 'secret.yaml'), 'kind: Secret\n');
};

const ALIASES = Array.from(
  { length: 9 },
  (_, index) =>
    `b${String(index)}: &b${String(index)} [${Array.from({ length: 9 }, () => (index === 0 ? '*a' : `*b${String(index - 1)}`)).join(', ')}]`,
);

/** What is wrong with manifests, whoever builds them. */
const BROKEN = {
  kustomization: { files: { 'kustomization.yaml': 'resources: [\n' } },
  manifest: { files: { 'kustomization.yaml': 'resources: [app.yaml]\n', 'app.yaml': 'a: [b\n' } },
  object: { files: { 'kustomization.yaml': 'resources: [app.yaml]\n', 'app.yaml': 'kind: Deployment\n' } },
  empty: { files: { 'kustomization.yaml': 'resources: []\n' } },
  aliases: {
    files: { 'kustomization.yaml': 'resources: [app.yaml]\n', 'app.yaml': `a: &a [x]\n${ALIASES.join('\n')}\n` },
  },
  outside: { files: { 'kustomization.yaml': 'resources: [../../secret.yaml]\n' }, prepare: writeOutside },
  link: {
    files: { 'kustomization.yaml': 'resources: [app.yaml]\n' },
    prepare: (job: FaultJob) => {
      writeOutside(job);
      symlinkSync(join(job.home, 'secret.yaml'), join(job.workspace, 'app', 'app.yaml'));
    },
  },
} satisfies Record<string, BrokenManifests>;

/** The kubectl of this machine. */
const realKubectl = (): string =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find(existsSync) ?? 'kubectl';

const noKubectl = (): string | null => (existsSync(realKubectl()) ? null : 'there is no kubectl on PATH');

const really = (broken: BrokenManifests, text: string): Case =>
  doesNotBuild({ ...broken, options: { ...broken.options, scenario: { kustomize: realKubectl() } } }, text);

async function large(trial: Trial, scenario: Scenario = {}): Promise<void> {
  const job = await trial.job({
    scenario,
    inputs: { manifests: 'app', hosts: 'foo.localhost', 'ingress-controller': 'none' },
  });
  const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata: {text: ${'x'.repeat(10_000_000)}}\n`;
  writeManifests(job, { 'kustomization.yaml': 'resources: [app.yaml]\n', 'app.yaml': map });
  const main = await job.main();
  failed(job, main, 'manifest-invalid', 'render-manifests');
  says(main, /ConfigMap default\/large.*9\.54 MiB/);
  ok(main.stdout.length < 100_000, `the log has ${String(main.stdout.length)} characters`);
}

const POISON = [
  '::error::x',
  '::add-mask::a',
  '::stop-commands::token',
  '##[error]y',
  '\u001b[31mred\u001b[2J\u001b]0;title\u0007',
  '  ::set-output name=outcome::passed',
].join('\n');

export const APPLICATION_ROWS: readonly Row[] = [
  {
    id: 'A1',
    kind: 'slow',
    fault: 'The webhook of an ingress controller refuses 30 times before its pod is up',
    expected: 'The apply is retried until it succeeds',
    cases: {
      '30 times': async (trial) => {
        // Not faster: what the command itself takes counts, too.
        const job = await trial.job({
          env: fastClock('deploy', 2),
          rules: [{ tool: 'kubectl', match: ' apply ', times: 30, exit: 1, stderr: WEBHOOK }],
        });
        passed(job, await job.main());
        ok(job.tools.lines('kubectl').filter((line) => line.includes(' apply ')).length > 30);
      },
    },
  },
  {
    id: 'A2',
    kind: 'slow',
    fault: 'The webhook never stops refusing',
    expected:
      '`apply-failed` after two minutes (here on a fast clock), with the name of the webhook; it has no code of its own',
    cases: {
      always: async (trial) => {
        const job = await trial.job({
          env: fastClock('deploy'),
          rules: [{ tool: 'kubectl', match: ' apply ', exit: 1, stderr: WEBHOOK }],
        });
        const main = await job.main();
        failed(job, main, 'apply-failed', 'deploy');
        says(
          main,
          /Waited 120 s for Kubernetes to accept the manifests of \S+: .*failed calling webhook "validate.nginx/,
        );
      },
    },
  },
  {
    id: 'A3',
    kind: 'quick',
    fault: 'The ingress controller runs on a node that has no port mapping',
    expected: '`ingress-placement`, with the missing label',
    cases: {
      'another node is labelled': async (trial) => {
        const job = await trial.job({
          rules: [{ tool: 'kubectl', match: '--selector=ingress-ready=true', stdout: 'node/lt-worker2\n' }],
        });
        const main = await job.main();
        failed(job, main, 'ingress-placement', 'check-health');
        says(main, 'ingress-ready=true');
      },
    },
  },
  {
    id: 'A4',
    kind: 'slow',
    fault: "A container of the application keeps crashing, its image can't be pulled, or it can't be scheduled",
    expected:
      '`crash-loop`, `image-pull`, `registry-rate-limit` or `workload-not-ready`, with the pod, the reason and its last 20 lines',
    cases: {
      'crash loop': neverReady(
        PODS.crashLoop,
        'crash-loop',
        'line 30',
        Array.from({ length: 30 }, (_, index) => `line ${String(index + 1)}`).join('\n'),
      ),
      'image that does not exist': neverReady(PODS.imagePullBackOff, 'image-pull', 'ImagePullBackOff'),
      'rate limit': neverReady(PODS.rateLimited, 'registry-rate-limit', '429 Too Many Requests'),
      'no room': neverReady(PODS.unschedulable, 'workload-not-ready', '3 Insufficient cpu'),
      'probe fails': neverReady(PODS.unready, 'workload-not-ready', 'its readiness probe fails'),
    },
  },
  {
    id: 'A5',
    kind: 'quick',
    fault: 'The manifests have a syntax error, an unknown field, 10 MB, or lead out of their folder',
    expected:
      "`manifest-invalid` before the cluster is created, or `apply-failed` with the API server's message; Kustomize itself refuses files outside its folder, including links",
    cases: {
      'no kustomization': async (trial) => {
        const job = await trial.job({ inputs: { manifests: 'app' } });
        writeManifests(job, { 'app.yaml': '{}' });
        failed(job, await job.main(), 'manifest-invalid', 'validate');
      },
      'no folder': async (trial) => {
        const job = await trial.job({ inputs: { manifests: '../elsewhere' } });
        failed(job, await job.main(), 'manifest-invalid', 'validate');
      },
      'syntax error in the kustomization': doesNotBuild(BROKEN.kustomization, 'invalid Kustomization'),
      'syntax error in a manifest': doesNotBuild(BROKEN.manifest, /"app": its kustomization does not build/),
      'no Kubernetes object': doesNotBuild(BROKEN.object, 'is not a Kubernetes object'),
      empty: doesNotBuild(BROKEN.empty, 'it has no objects'),
      'a bomb of aliases': doesNotBuild(BROKEN.aliases, /alias/i),
      'a file outside': doesNotBuild(BROKEN.outside, 'is not in or below'),
      'a link that leads out': doesNotBuild(BROKEN.link, 'is not in or below'),
      'an unknown field': async (trial) => {
        const job = await trial.job({
          rules: [
            {
              tool: 'kubectl',
              match: ' apply ',
              exit: 1,
              stderr:
                'Error from server: failed to create typed patch object (echo/foo; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema',
            },
          ],
        });
        const main = await job.main();
        failed(job, main, 'apply-failed', 'deploy');
        says(main, '.spec.replica: field not declared in schema');
      },
      '10 MB': large,
    },
  },
  {
    id: 'A5',
    kind: 'slow',
    skip: noKubectl,
    fault: 'The same manifests, read by the real Kustomize',
    expected:
      "`manifest-invalid` with Kustomize's message, even if it never ends (here after a minute on a fast clock); it handles 10 MB",
    cases: {
      'syntax error in the kustomization': really(BROKEN.kustomization, 'invalid Kustomization'),
      'unknown field in the kustomization': really(
        { files: { 'kustomization.yaml': 'resources: []\nresourcez: []\n' } },
        'unknown field',
      ),
      'syntax error in a manifest': really(BROKEN.manifest, 'MalformedYAMLError'),
      'no Kubernetes object': really(BROKEN.object, 'missing metadata.name'),
      empty: really(BROKEN.empty, 'it has no objects'),
      'a bomb of aliases': really(
        { ...BROKEN.aliases, options: { env: fastClock('render-manifests', 10) } },
        'YAML aliases may expand to millions of values',
      ),
      'a file outside': really(BROKEN.outside, 'is not in or below'),
      'a link that leads out': really(BROKEN.link, 'is not in or below'),
      '10 MB': async (trial) => {
        await large(trial, { kustomize: realKubectl() });
      },
    },
  },
  {
    id: 'A6',
    kind: 'slow',
    fault: 'A pod prints workflow commands, terminal sequences, and a line of 5 MB',
    expected: 'None of it is executed, log and report stay small, and the diagnostics are truncated',
    cases: {
      commands: async (trial) => {
        await neverReady(PODS.crashLoop, 'crash-loop', 'Its last lines', POISON)(trial);
        for (const job of trial.jobs) {
          for (const ran of job.ran) {
            for (const line of commandsOf(ran))
              doesNotMatch(line, /^\s*::(error::x|add-mask::a|stop-commands|set-output)|##\[/);
            doesNotMatch(ran.stdout, /\u001b/);
          }
          equal(job.outputs()['outcome'], 'crash-loop');
        }
      },
      'a long line': async (trial) => {
        await neverReady(PODS.crashLoop, 'crash-loop', '(cut)', 'x'.repeat(5_000_000))(trial);
        for (const job of trial.jobs) {
          for (const { stdout } of job.ran)
            ok(stdout.length < 100_000, `the log has ${String(stdout.length)} characters`);
          ok(readFileSync(join(job.artifacts, 'report.json')).length < 200_000);
          const sizes = listFiles(join(job.artifacts, 'diagnostics')).map(
            (name) => statSync(join(job.artifacts, 'diagnostics', name)).size,
          );
          ok(Math.max(...sizes) <= 2 * 1024 * 1024);
        }
      },
    },
  },
];
