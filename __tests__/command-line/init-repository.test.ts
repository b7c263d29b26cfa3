import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { recordingRunner } from '../fakes/runner.ts';
import { firstFiles } from '../../src/init/first-files.ts';
import { type RepositoryFile, surveyOf } from '../../src/init/survey.ts';
import { initRepository } from '../../src/command-line/init-repository.ts';
import { behindGiven } from '../../src/inputs/going-on.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { readSettingsFile } from '../../src/inputs/settings-file.ts';

const deployment = (name: string, image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {template: {spec: {containers: [{name: x, image: '${image}'}]}}}\n`;
const service = (name: string, port: number): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${String(port)}}]}\n`;
const ingress = (host: string): string =>
  `---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\nspec: {rules: [{host: ${host}}]}\n`;

const REPOSITORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  empty: { 'README.md': '' },
  'plain manifests and Dockerfiles': {
    'k8s/vote.yaml': deployment('vote', 'samples/app_vote') + service('vote', 8080),
    'k8s/db.yaml': deployment('db', 'postgres:17') + service('db', 5432),
    'vote/Dockerfile': '',
    'test/Dockerfile': '',
  },
  'overlays with a route': {
    'deploy/base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'deploy/base/shop.yaml':
      deployment('shop', 'ghcr.io/octo/shop@sha256:1') + service('shop', 80) + ingress('shop.localhost'),
    'deploy/overlays/production/kustomization.yaml': 'resources: [../../base]\n',
    'deploy/overlays/ci/kustomization.yaml': 'namespace: shop\nresources: [../../base]\n',
    'deploy/components/debug/kustomization.yaml': 'kind: Component\n',
    Dockerfile: '',
    '.github/workflows/ci.yml': 'on: push\n',
  },
  'manifests beside other files': {
    'web.yaml': deployment('web', 'nginx:1') + service('web', 80),
    'db.yaml': deployment('db', 'postgres:17'),
    'package.json': '{}',
    '.travis.yml': 'language: go\n',
  },
  'Docker Compose': { 'docker-compose.yml': 'services: {web: {image: nginx}}\n', 'web/Dockerfile': '' },
  'a chart': {
    'charts/shop/Chart.yaml': 'name: web-shop\nversion: 1.0.0\n',
    'charts/shop/charts/db/Chart.yaml': 'name: db\n',
    'charts/shop/templates/a.yaml': '{{- if .Values.x }}\nkind: Deployment\n{{- end }}\n',
    'charts/common/Chart.yaml': 'name: common\ntype: library\n',
    'broken.yaml': 'kind: Deployment\n a: [\n',
  },
};

const filesOf = (name: string): RepositoryFile[] =>
  Object.entries(REPOSITORIES[name] ?? {}).map(([path, text]) => ({ path, text }));
const first = (name: string) => firstFiles(surveyOf(filesOf(name), 'shop'), 'main');

describe('what a repository gets', () => {
  test.each(Object.keys(REPOSITORIES))('of %s is good', (name) => {
    const { settings, workflow } = first(name);
    const { entries, faults } = readSettingsFile(settings, 'load-test.yml');
    expect(faults).toEqual([]);
    expect(parseInputs(() => '', { file: 'load-test.yml', entries }).faults).toEqual([]);
    const parsed = parseYaml(workflow) as {
      permissions: object;
      jobs: { 'load-test': { permissions: object; steps: { uses?: string; with?: Record<string, string> }[] } };
    };
    const { permissions, steps } = parsed.jobs['load-test'];
    expect(parsed.permissions).toEqual({});
    expect(permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    expect(steps.at(-1)?.uses).toBe('k8s-loadtest-ci/k8s-loadtest-ci@v1');
    const given = steps.at(-1)?.with ?? {};
    const readGiven = (input: string): string => given[input] ?? '';
    const { behind } = behindGiven({ file: 'load-test.yml', entries }, readGiven);
    expect(parseInputs(readGiven, behind).faults).toEqual([]);
  });

  const read = (name: string) => parseYaml(first(name).settings) as Record<string, Record<string, unknown>>;

  test('builds the images that have a Dockerfile, and exposes what users meet first', () => {
    expect(read('plain manifests and Dockerfiles')['application']).toEqual({
      manifests: ['k8s'],
      images: ['samples/app_vote'],
      expose: ['vote.localhost=vote:8080'],
    });
    expect(first('plain manifests and Dockerfiles').workflow).toContain(
      'docker build --tag samples/app_vote --file vote/Dockerfile vote',
    );
  });

  test('takes the overlay that is made for a runner, and compares it with the base', () => {
    const { workflow, found, leftOut } = first('overlays with a route');
    expect(read('overlays with a route')['application']).toEqual({ manifests: ['deploy/overlays/ci'] });
    expect(workflow).toContain('baseline-manifests: base/deploy/overlays/ci');
    expect(found.join('\n')).toContain('Hosts of routes: shop.localhost');
    expect(leftOut.join('\n')).toContain('deploy/overlays/production');
    expect(leftOut.join('\n')).not.toContain('debug');
  });

  test('names the manifests of a folder that has other files, among them its own settings file', () => {
    const { workflow } = first('manifests beside other files');
    expect(read('manifests beside other files')['application']).toMatchObject({ manifests: ['db.yaml', 'web.yaml'] });
    expect(workflow).toContain('baseline-manifests: |\n            base/db.yaml\n            base/web.yaml\n');
  });

  test('says how manifests are made from a file of Docker Compose', () => {
    const { found, leftOut } = first('Docker Compose');
    expect(found.join('\n')).toContain('no manifests were found');
    expect(leftOut.join('\n')).toContain('docker-compose.yml: a cluster needs Kubernetes manifests');
  });

  test('takes a chart by its folder', () => {
    const { found, leftOut } = first('a chart');
    expect(found.join('\n')).toContain('Loads: chart charts/shop');
    expect(leftOut.join('\n')).toContain('broken.yaml');
  });

  test('says that nothing was found', () => {
    expect(first('empty').found.join('\n')).toContain('the echo services');
  });
});

describe('in a folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'init-'));
    for (const { path, text = '' } of filesOf('overlays with a route')) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('writes both files once, and overwrites nothing', () => {
    const runner = recordingRunner();
    writeFileSync(join(folder, 'load-test.yml'), '# mine\n');
    initRepository(runner, folder);
    expect(readFileSync(join(folder, 'load-test.yml'), 'utf8')).toBe('# mine\n');
    expect(existsSync(join(folder, '.github/workflows/load-test.yml'))).toBe(true);
    expect(runner.log).toEqual(
      expect.arrayContaining([
        'warning: load-test.yml already exists and was left unchanged.',
        'info: Wrote .github/workflows/load-test.yml',
      ]),
    );
  });

  test('ends with what to do before a commit: build what the workflow builds, then try it', () => {
    for (const { path, text = '' } of filesOf('plain manifests and Dockerfiles')) {
      mkdirSync(dirname(join(folder, 'other', path)), { recursive: true });
      writeFileSync(join(folder, 'other', path), text);
    }
    const runner = recordingRunner();
    initRepository(runner, join(folder, 'other'));
    expect(runner.log.slice(-3)).toEqual([
      'info:   docker build --tag samples/app_vote --file vote/Dockerfile vote',
      expect.stringMatching(/^info: {3}npx .* validate$/),
      expect.stringMatching(/^info: {3}npx .* run$/),
    ]);
  });

  test('looks only at what git knows of', () => {
    execFileSync('git', ['init', '--quiet', '--initial-branch', 'trunk', folder]);
    writeFileSync(join(folder, '.gitignore'), 'ignored/\n');
    mkdirSync(join(folder, 'ignored'));
    writeFileSync(join(folder, 'ignored/kustomization.yaml'), 'resources: []\n');
    const runner = recordingRunner();
    initRepository(runner, folder);
    expect(runner.log.join('\n')).not.toContain('ignored');
    expect(readFileSync(join(folder, '.github/workflows/load-test.yml'), 'utf8')).toContain('branches: [trunk]');
  });
});
