import { expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openHelm } from '../../../src/adapters/commands/helm.ts';
import { openShell } from '../../../src/adapters/commands/shell.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();
const shell = openShell({ signal: new AbortController().signal });

/** A program that writes down how it was called, and what it was given. */
function fakeHelm(home: string, script = ''): string {
  const path = join(home, 'helm');
  writeFileSync(
    path,
    `#!/bin/sh\nprintf '%s\\n' "$@" >> '${home}/arguments'\nenv > '${home}/environment'\n` +
      `if [ "$1" = env ]; then echo '${home}/repositories.yaml'; exit; fi\n${script}\n`,
    { mode: 0o755 },
  );
  return path;
}
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

const SETTINGS = {
  release: 'shop',
  chart: 'charts/shop',
  version: null,
  namespace: 'web',
  kubeVersion: '1.35.8',
  apiVersions: ['metrics.k8s.io/v1beta1'],
  values: ['a.yaml', 'b.yaml'],
  set: ['image.tag=ci'],
};

test('a chart is rendered for the cluster that it will run on, with values in their order', async () => {
  const home = folder();
  const helm = openHelm(shell, fakeHelm(home, 'echo rendered; echo warned >&2'));
  expect(await helm.render(SETTINGS)).toEqual({ yaml: 'rendered\n', said: 'warned' });
  expect(linesOf(join(home, 'arguments')).join(' ')).toBe(
    'template shop charts/shop --namespace web --kube-version 1.35.8 --api-versions metrics.k8s.io/v1beta1 ' +
      '--include-crds --values a.yaml --values b.yaml --set image.tag=ci',
  );
});

test('of a registry the version is said', async () => {
  const home = folder();
  const helm = openHelm(shell, fakeHelm(home));
  await helm.render({ ...SETTINGS, chart: 'oci://x/shop', version: '1.2.3', values: [], set: [], apiVersions: [] });
  expect(linesOf(join(home, 'arguments')).slice(0, 5)).toEqual([
    'template',
    'shop',
    'oci://x/shop',
    '--version',
    '1.2.3',
  ]);
});

test('Helm gets no token, and no cluster', async () => {
  const home = folder();
  const given = { GITHUB_TOKEN: 't', GH_TOKEN: 't', 'INPUT_PULL-SECRET': 't', KUBECONFIG: '/k', HELM_NAMESPACE: 'x' };
  const before = { ...process.env };
  Object.assign(process.env, given);
  try {
    await openHelm(shell, fakeHelm(home)).render(SETTINGS);
  } finally {
    process.env = before;
  }
  const names = linesOf(join(home, 'environment')).map((line) => line.split('=')[0]);
  for (const name of Object.keys(given)) expect(names).not.toContain(name);
});

test('Helm knows the repositories of the dependencies beside those of the user, whose list stays as it is', async () => {
  const home = folder();
  const own = 'apiVersion: ""\nrepositories:\n- {name: mine, url: https://a.example.com/, username: u, password: p}\n';
  writeFileSync(join(home, 'repositories.yaml'), own);
  const scratch = join(home, 'scratch');
  const helm = openHelm(
    shell,
    fakeHelm(
      home,
      `cp "$HELM_REPOSITORY_CONFIG" '${home}/seen'; stat -c %a "$HELM_REPOSITORY_CONFIG" > '${home}/mode'`,
    ),
  );
  await helm.buildDependencies('charts/shop', ['https://a.example.com', 'https://b.example.com/'], scratch);
  expect(linesOf(join(home, 'arguments'))).toEqual([
    'env',
    'HELM_REPOSITORY_CONFIG',
    'dependency',
    'build',
    'charts/shop',
  ]);
  expect(parse(readFileSync(join(home, 'seen'), 'utf8'))).toMatchObject({
    repositories: [
      { name: 'mine', url: 'https://a.example.com/', username: 'u', password: 'p' },
      { name: 'of-this-chart-1', url: 'https://b.example.com' },
    ],
  });
  expect(linesOf(join(home, 'mode'))).toEqual(['600']);
  expect(existsSync(scratch)).toBe(false);
  expect(readFileSync(join(home, 'repositories.yaml'), 'utf8')).toBe(own);
});

test('what Helm refuses is an error with its words, and leaves no list of repositories', async () => {
  const home = folder();
  const scratch = join(home, 'scratch');
  mkdirSync(scratch);
  const helm = openHelm(shell, fakeHelm(home, 'echo "Error: no such chart" >&2; exit 1'));
  await expect(helm.render(SETTINGS)).rejects.toMatchObject({
    reason: 'exit',
    result: { stderr: 'Error: no such chart\n' },
  });
  await expect(helm.buildDependencies('c', ['https://b'], scratch)).rejects.toMatchObject({ reason: 'exit' });
  expect(statSync(scratch, { throwIfNoEntry: false })).toBeUndefined();
});
