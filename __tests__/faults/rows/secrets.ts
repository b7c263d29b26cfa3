import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, passed, says } from '../expectations.ts';
import { reportOf } from '../invariants.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJobOptions } from '../trial.ts';

/** K: something prints a secret, or could read one. That none is anywhere is looked at after every case. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `kind create` fails and says something with the token. */
const kindPrints =
  (said: (token: string) => string): Case =>
  async (trial) => {
    const job = await trial.job({ pullRequest: true });
    const [token = ''] = job.secrets;
    job.tools.scenario({ rules: [{ tool: 'kind', match: '^create', exit: 1, stderr: said(token) }] });
    const { outcome } = failed(job, await job.main(), 'cluster-create-failed', 'create-cluster');
    ok(outcome.failure?.message.includes('***'), outcome.failure?.message);
  };

const PASSWORD = 'planted+pass/word=1';
/** Each encoder has another form for some of its characters. */
const ODD = `planted<&>"'/+ !\\é1`;
const escapedBy = (pattern: RegExp, form: (code: string) => string): string =>
  ODD.replace(pattern, (char) => form(char.charCodeAt(0).toString(16).padStart(2, '0')));
const WRITTEN = [
  JSON.stringify(ODD),
  JSON.stringify(ODD).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  encodeURIComponent(ODD).toLowerCase(),
  new URLSearchParams({ of: ODD }).toString(),
  escapedBy(/[^\w ]/g, (code) => `&#x${code};`),
  ODD.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&quot;'),
  `'${ODD.replaceAll("'", "''")}'`,
  `'${ODD.replaceAll("'", "'\\''")}'`,
  Buffer.from(`me:${ODD}`).toString('base64url'),
  encodeURIComponent(base64(ODD)),
];
const HEADER = 'planted-header-1';
const IN_SECRET = 'planted-in-secret-1';
const IN_ENVIRONMENT = 'planted-in-environment-1';
const TOKEN_BY_LOOKS = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU';

/** kubectl fails and says something with a secret of the inputs. */
const kubectlPrints =
  (secret: string, said: string, options: FaultJobOptions, prepare?: (folder: string) => void): Case =>
  async (trial) => {
    const rules = [
      { tool: 'kubectl' as const, match: ' apply ', exit: 1, stderr: `error: ${said}` },
      { tool: 'kubectl' as const, match: '^(?!.*apply).* (get events|describe|logs) ', stdout: `printed ${said}\n` },
    ];
    const job = await trial.job({ ...options, pullRequest: true, secrets: [secret], rules });
    prepare?.(job.workspace);
    const { outcome } = failed(job, await job.main(), 'apply-failed', 'deploy');
    ok(outcome.failure?.message.includes('***'), outcome.failure?.message);
  };

const SCENARIO = JSON.stringify({
  requests: [{ host: 'foo.localhost', headers: { Authorization: `Bearer ${HEADER}` } }],
});

/** Manifests that hold a password in both places. */
function writeApplication(folder: string): void {
  mkdirSync(join(folder, 'app'));
  writeFileSync(
    join(folder, 'app', 'app.yaml'),
    `apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: ${IN_SECRET}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, env: [{name: DB_PASSWORD, value: ${IN_ENVIRONMENT}}]}]}
`,
  );
}

const MANIFESTS = { manifests: 'app', hosts: 'foo.localhost', 'ingress-controller': 'none' };

/** Names that the programs that are started have no use for. */
const TRUSTED =
  /^(INPUT_(GITHUB-TOKEN|PULL-SECRET|HELM-SET|REGISTRY-MIRROR)|GITHUB_TOKEN|GH_TOKEN|PULL_SECRET|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN)$/;

export const SECRET_ROWS: readonly Row[] = [
  {
    id: 'K1',
    kind: 'quick',
    fault:
      'A tool prints the token, a password of a registry or of the manifests, or a header of a scenario: as plain text, in Base64, or at the end of a truncated line; an input has a password where none is allowed',
    expected: '`***` replaces it in log, report, comment, summary, outputs, state and diagnostics',
    cases: {
      'the token': kindPrints((token) => `ERROR: denied for ${token}\n`),
      'the token in Base64, with a user': kindPrints(
        (token) => `Authorization: basic ${base64(`x-access-token:${token}`)}\n`,
      ),
      'the token where a long line is cut': kindPrints((token) => `ERROR: *** ${'x'.repeat(985)}${token}\n`),
      'the token behind a line in which many things begin like an address or a token': kindPrints(
        (token) => `${'a-.eyJ-'.repeat(400_000)}\n${token}\n`,
      ),
      'a password as other programs write it': kubectlPrints(ODD, WRITTEN.join(' '), {
        inputs: { 'pull-secret': `ghcr.io=me:${ODD}` },
      }),
      'the password of a registry': kubectlPrints(PASSWORD, `no login ${PASSWORD}`, {
        inputs: { 'pull-secret': `ghcr.io=me:${PASSWORD}` },
      }),
      'the login of a registry in Base64': kubectlPrints(PASSWORD, `no login ${base64(`me:${PASSWORD}`)}`, {
        inputs: { 'pull-secret': `ghcr.io=me:${PASSWORD}` },
      }),
      'a header of the scenario': kubectlPrints(
        HEADER,
        `got ${HEADER}`,
        { inputs: { scenario: 'scenario.yaml' } },
        (folder) => {
          writeFileSync(join(folder, 'scenario.yaml'), SCENARIO);
        },
      ),
      'a password in a Secret of the manifests': kubectlPrints(
        IN_SECRET,
        `Invalid value: map[password:${base64(IN_SECRET)}]`,
        { inputs: MANIFESTS },
        writeApplication,
      ),
      'a password in the environment of a container': kubectlPrints(
        IN_ENVIRONMENT,
        `Environment: DB_PASSWORD: ${IN_ENVIRONMENT}`,
        { inputs: MANIFESTS },
        writeApplication,
      ),
      'a token that nobody has named': kubectlPrints(TOKEN_BY_LOOKS, `401 for ${TOKEN_BY_LOOKS}`, {}),
      'the password of an address that is refused': async (trial) => {
        const job = await trial.job({
          pullRequest: true,
          secrets: [PASSWORD, encodeURIComponent(PASSWORD)],
          inputs: { 'registry-mirror': `https://me:${encodeURIComponent(PASSWORD)}@mirror.local` },
        });
        failed(job, await job.main(), 'input-invalid', 'validate');
        deepEqual(reportOf(job).settings['registry-mirror'], 'https://***@mirror.local');
      },
      'a pull secret that is refused': async (trial) => {
        const job = await trial.job({
          pullRequest: true,
          secrets: [PASSWORD],
          inputs: { 'pull-secret': `ghcr.io:me:${PASSWORD}` },
        });
        failed(job, await job.main(), 'input-invalid', 'validate');
      },
      'a credential in the query of a path': async (trial) => {
        const job = await trial.job({ inputs: { hosts: 'foo.localhost=/?api_key=1' } });
        says(await job.main(), 'A query seems to contain a credential: api_key (foo.localhost/)');
      },
      'an address that is refused, on the command line': async (trial) => {
        const job = await trial.job();
        const { stdout, stderr, exitCode } = await job.command([
          'validate',
          '--registry-mirror',
          `https://me:${PASSWORD}@mirror.local`,
        ]);
        equal(exitCode, 1);
        ok(!`${stdout}${stderr}`.includes(PASSWORD), stdout);
      },
    },
  },
  {
    id: 'K2',
    kind: 'quick',
    fault: 'docker, kind and kubectl look for secrets in their environment',
    expected: 'They find neither the token nor the tokens of the runner, nor the pull secret',
    cases: {
      'action and command line': async (trial) => {
        const job = await trial.job({
          pullRequest: true,
          inputs: {
            'pull-secret': 'ghcr.io=me:planted-password',
            'registry-mirror': 'https://mirror.local',
          },
          env: {
            GITHUB_TOKEN: 'planted',
            GH_TOKEN: 'planted',
            PULL_SECRET: 'planted',
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'planted',
          },
        });
        passed(job, await job.main());
        await job.post();
        const calls = job.tools.calls();
        ok(calls.length > 10);
        deepEqual(
          calls.flatMap(({ variables }) => variables.filter((name) => TRUSTED.test(name))),
          [],
        );
      },
    },
  },
];
