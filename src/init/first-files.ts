import { posix } from 'node:path';
import { schemaAddress } from '../addresses.ts';
import { shellWord } from '../text/shell-word.ts';
import type { Survey } from './survey.ts';

export const SETTINGS_FILE = 'load-test.yml';
export const WORKFLOW_FILE = '.github/workflows/load-test.yml';
const ACTION = 'k8s-loadtest-ci/k8s-loadtest-ci@v1';
const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/** The application for a first load test, and what was left out of it. */
export interface FirstFiles {
  readonly settings: string;
  readonly workflow: string;
  readonly found: readonly string[];
  readonly leftOut: readonly string[];
  /** Commands that build the images that the files rely on. */
  readonly builds: readonly string[];
}

type Application =
  | {
      readonly kind: 'kustomization' | 'folder' | 'chart';
      readonly path: string;
      /** The lines of `manifests`. */
      readonly entries: readonly string[];
      /** The namespace of all objects; null where each object names its own. */
      readonly namespace: string | null;
      readonly parts: readonly string[];
    }
  | { readonly kind: 'none' };

/**
 * The two files for a repository.
 *
 * @param branch that pull requests are merged into.
 */
export function firstFiles(survey: Survey, branch: string): FirstFiles {
  const application = applicationOf(survey);
  const isPart = (folder: string): boolean => isPartOf(application, folder);
  const builds = survey.builds.filter(({ folder }) => application.kind !== 'chart' && isPart(folder));
  const routed = survey.hosts.filter(({ folder }) => isPart(folder)).map(({ host }) => host);
  const placed = application.kind === 'none' ? null : application.namespace;
  const services = survey.services
    .filter(({ folder }) => isPart(folder))
    .map((service) => ({ ...service, namespace: placed ?? service.namespace }));
  // Two versions can't share one image name.
  const compares = application.kind !== 'none' && builds.length === 0;
  return {
    settings: settingsText({ application, builds, routed, services }),
    workflow: workflowText({ application, builds, branch, compares }),
    found: foundSentences(survey, application, routed, builds),
    leftOut: leftOutSentences(survey, application, { compares, builds }),
    builds: builds.map(buildCommand),
  };
}

function applicationOf({ kustomizations, charts, folders, filesOf }: Survey): Application {
  const [kustomization] = kustomizations;
  if (kustomization !== undefined)
    return {
      kind: 'kustomization',
      path: kustomization.folder,
      entries: [kustomization.folder],
      namespace: kustomization.namespace,
      parts: kustomization.parts,
    };
  const [folder] = folders;
  const [chart] = charts;
  // A chart has the whole application; a folder next to it only adds what the chart lacks.
  if (chart !== undefined) return { kind: 'chart', path: chart, entries: [chart], namespace: null, parts: [chart] };
  if (folder === undefined) return { kind: 'none' };
  const entries = filesOf.get(folder) ?? [folder];
  return { kind: 'folder', path: folder, entries, namespace: null, parts: [folder] };
}

/** Whether a folder is read as it is, and not file by file. */
const isWhole = (application: Extract<Application, { path: string }>): boolean =>
  application.entries[0] === application.path;

const isPartOf = (application: Application, folder: string): boolean =>
  application.kind !== 'none' && application.parts.includes(folder);

interface SettingsParts {
  readonly application: Application;
  readonly builds: Survey['builds'];
  readonly routed: readonly string[];
  readonly services: Survey['services'];
}

function settingsText({ application, builds, routed, services }: SettingsParts): string {
  return [
    `# yaml-language-server: $schema=${schemaAddress('load-test')}`,
    '# Inputs of the load test by topic; docs/settings-file.md of k8s-loadtest-ci explains them. Inputs of a workflow',
    '# step and options of the command line override this file.',
    '',
    ...(application.kind === 'none'
      ? [
          '# No manifests were found. Until you name yours, the load goes to the two echo services of the action.',
          '# application:',
          '#   manifests: [k8s]',
        ]
      : [
          'application:',
          isWhole(application) ? ABOUT[application.kind] : ABOUT.files,
          `  manifests: [${application.entries.map(yamlWord).join(', ')}]`,
          ...(builds.length === 0
            ? []
            : [
                '  # Built by the workflow and loaded into the nodes instead of being pulled.',
                '  images:',
                ...builds.map(({ image }) => `    - ${yamlWord(image)}`),
              ]),
          ...(application.kind === 'chart' ? CHART_LINES : routeLines(routed, services)),
        ]),
    '',
    'load:',
    '  # Long enough to measure CPU and memory.',
    '  duration: 20s',
    '  # Ten connections that each wait for an answer. With a rate, requests arrive whether or not earlier ones were',
    '  # answered, as those of users do.',
    '  concurrency: 10',
    '  # rate: 100',
    '',
    'rules:',
    '  thresholds:',
    '    - http_req_failed: rate<0.01',
    '    # The first run shows what is usual. Then add a limit such as',
    '    # - http_req_duration: p(95)<500',
    '',
  ].join('\n');
}

const ABOUT = {
  kustomization: '  # A kustomization.',
  folder: '  # Every YAML file in the folder.',
  files: '  # The manifests, without other YAML and JSON files in their folder.',
  chart: '  # A Helm chart.',
} as const;

const CHART_LINES = [
  '  # Values for a small cluster:',
  '  # helm-values: [values-ci.yaml]',
  '  # helm-set:',
  '  #   - replicaCount=1',
  "  # Hosts come from the chart's Ingress, if its values enable one. Otherwise name a Service:",
  '  # expose:',
  '  #   - shop.localhost=shop:8080',
];

function routeLines(routed: readonly string[], services: Survey['services']): string[] {
  if (routed.length > 0)
    return [
      `  # Hosts and paths come from the Ingress and HTTPRoute rules (${[...new Set(routed)].slice(0, 5).join(', ')}). Others:`,
      '  # hosts:',
      `  #   - ${routed[0] ?? ''}=/a/path`,
    ];
  const chosen = frontOf(services);
  if (chosen === undefined)
    return [
      '  # No route and no HTTP Service was found. Name one, as it will be called in the cluster:',
      '  # expose:',
      '  #   - shop.localhost=shop:8080',
    ];
  const { name, namespace, port } = chosen;
  return [
    '  # No Ingress or HTTPRoute was found, so this Service gets one for the run. A path can follow the port.',
    '  expose:',
    `    - ${name}.localhost=${namespace === null ? '' : `${namespace}/`}${name}:${port}`,
  ];
}

/** The Service that users meet first. */
function frontOf(services: Survey['services']): Survey['services'][number] | undefined {
  return (
    services.find(({ name }) => /front|web|gateway|ui|www|proxy|edge/.test(name) && !/external/.test(name)) ??
    services[0]
  );
}

interface WorkflowParts {
  readonly application: Application;
  readonly builds: Survey['builds'];
  readonly branch: string;
  readonly compares: boolean;
}

function workflowText({ application, builds, branch, compares }: WorkflowParts): string {
  return [
    '# Load-tests every pull request on its own kind cluster and comments on it.',
    'name: Load test',
    '',
    'on:',
    '  pull_request:',
    `    branches: [${yamlWord(branch)}]`,
    '',
    'permissions: {}',
    '',
    'jobs:',
    '  load-test:',
    '    runs-on: ubuntu-24.04',
    '    timeout-minutes: 30',
    '    permissions:',
    '      contents: read # check out',
    '      pull-requests: write # the comment with the report',
    '    steps:',
    `      - uses: ${CHECKOUT}`,
    '        with:',
    '          persist-credentials: false',
    ...(compares
      ? [
          '      # The base of the pull request, to compare both in one cluster.',
          `      - uses: ${CHECKOUT}`,
          '        with:',
          '          path: base',
          '          ref: ${{ github.event.pull_request.base.sha }}',
          '          persist-credentials: false',
        ]
      : []),
    ...builds.map((build) => `      - run: ${buildCommand(build)}`),
    `      - uses: ${ACTION} # the rest is in ${SETTINGS_FILE}`,
    ...(compares && application.kind !== 'none' ? ['        with:', ...baselineLines(application.entries)] : []),
    '',
  ].join('\n');
}

const baselineLines = (entries: readonly string[]): string[] => {
  const [first = '', ...others] = entries.map((entry) => posix.join('base', entry));
  return others.length === 0
    ? [`          baseline-manifests: ${yamlWord(first)}`]
    : ['          baseline-manifests: |', ...[first, ...others].map((entry) => `            ${entry}`)];
};

const buildCommand = ({ image, dockerfile }: Survey['builds'][number]): string =>
  `docker build --tag ${shellWord(image)} --file ${shellWord(dockerfile)} ${shellWord(posix.dirname(dockerfile))}`;

/** A YAML word without quotes where possible, quoted otherwise. */
const yamlWord = (text: string): string =>
  /^[A-Za-z./][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*$/.test(text) ? text : JSON.stringify(text);

function foundSentences(
  survey: Survey,
  application: Application,
  routed: readonly string[],
  builds: Survey['builds'],
): string[] {
  const { kustomizations, charts, folders, dockerfiles, workflows } = survey;
  const list = (what: string, items: readonly string[]): string[] =>
    items.length === 0
      ? []
      : [`${what}: ${items.slice(0, 8).join(', ')}${items.length > 8 ? ` and ${String(items.length - 8)} more` : ''}`];
  return [
    ...list(
      'Kustomizations',
      kustomizations.map(({ folder }) => folder),
    ),
    ...list('Charts', charts),
    ...list('Folders with manifests', folders),
    ...list('Dockerfiles', dockerfiles),
    ...list(
      'Workflows',
      workflows.map(({ path }) => path),
    ),
    ...list('Hosts of routes', [...new Set(routed)]),
    application.kind === 'none'
      ? 'Loads: the echo services of the action, because no manifests were found'
      : `Loads: ${isWhole(application) ? `${application.kind} ${application.path}` : application.entries.slice(0, 8).join(', ')}`,
    ...builds.map(({ image, dockerfile }) => `Builds: ${image} from ${dockerfile}`),
  ];
}

function leftOutSentences(
  survey: Survey,
  application: Application,
  { compares, builds }: { readonly compares: boolean; readonly builds: Survey['builds'] },
): string[] {
  const others = [...survey.kustomizations.map(({ folder }) => folder), ...survey.folders, ...survey.charts].filter(
    (folder) => !isPartOf(application, folder),
  );
  const unbuilt = survey.dockerfiles.filter((path) => !builds.some(({ dockerfile }) => dockerfile === path));
  return [
    ...(others.length === 0
      ? []
      : [
          `Other applications: ${[...new Set(others)].slice(0, 8).join(', ')}. Name them in application.manifests if they belong to it.`,
        ]),
    ...(unbuilt.length === 0
      ? []
      : [
          `Images of ${unbuilt.slice(0, 8).join(', ')}: no ${application.kind === 'none' ? 'manifest uses them' : 'image in the manifests is named after their folder'}. Build them in the workflow and name them in application.images.`,
        ]),
    ...(application.kind === 'none' && survey.composeFiles.length > 0
      ? [
          `${survey.composeFiles.slice(0, 8).join(', ')}: a cluster needs Kubernetes manifests. \`kompose convert --out k8s\` writes some; then name k8s in application.manifests.`,
        ]
      : []),
    ...(compares || application.kind === 'none'
      ? []
      : [
          'A comparison with the base: each version needs its own images. examples/compare.yml of k8s-loadtest-ci shows how.',
        ]),
    ...(survey.unread.length === 0
      ? []
      : [`Not read, because it is not plain YAML: ${survey.unread.slice(0, 8).join(', ')}.`]),
    ...(survey.workflows.some(({ usesThis }) => usesThis)
      ? [
          `A workflow already uses k8s-loadtest-ci: ${survey.workflows
            .filter(({ usesThis }) => usesThis)
            .map(({ path }) => path)
            .join(', ')}.`,
        ]
      : []),
  ];
}
