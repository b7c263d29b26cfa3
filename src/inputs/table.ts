/**
 * inputs/ has everything that a user can set: the table of all inputs, how their texts are read, and which combinations
 * are valid. What an input does is decided by the code that reads it, not here.
 */
import { BUILT_IN_CONTROLLERS } from '../cluster/ingress-controller.ts';
import { DEFAULT_VERSIONS } from '../cluster/pinned-versions.ts';
import {
  boolean,
  duration,
  exposures,
  format,
  type Format,
  hostNames,
  hosts,
  IMAGE,
  ingressAddress,
  leaveOut,
  lines,
  LOCAL_IMAGE,
  LOCAL_IMAGES,
  matching,
  oneOf,
  optional,
  path,
  percentage,
  profileSources,
  pullSecret,
  rate,
  registryMirrors,
  rounds,
  sha256,
  stages,
  thresholds,
  valid,
  version,
  wholeNumber,
} from './formats.ts';

export const DEFAULT_REQUESTS = 200;
export const DEFAULT_COMPARE_DURATION_MS = 120_000;

/** The topic of an input: the groups of `load-test.yml`, of the tables in the docs, and of the help. */
export const TOPICS = {
  application: 'Application',
  load: 'Load',
  rules: 'Rules',
  comparison: 'Comparison',
  cluster: 'Cluster',
  report: 'Report',
} as const;

export type Topic = keyof typeof TOPICS;

export interface Definition<T> {
  readonly topic: Topic;
  /** The description in action.yml and the docs. */
  readonly description: string;
  /** The text that means "not given". */
  readonly default: string;
  /** Other spellings, from helm/kind-action. */
  readonly aliases?: readonly string[];
  /** True for values that must not be printed or saved. */
  readonly secret?: boolean;
  /** True where lines are `name=value`: values of credential-like names must not be printed or saved. */
  readonly setsByName?: boolean;
  /**
   * Why `load-test.yml` can't have it, to follow "it"; secrets never can be there. Inputs that only the person who
   * starts the run may set have a reason here, because a pull request can change the file.
   */
  readonly notInFile?: string;
  readonly parse: Format<T>;
}

/** A valid name of a namespace (RFC 1123). */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NAMESPACE = matching(
  DNS_LABEL,
  'a name of a namespace: up to 63 lower-case letters, digits and hyphens',
  'namespace',
);
const SELECTOR = matching(
  /^[\w./-]+=[\w.-]+(,[\w./-]+=[\w.-]+)*$/,
  'labels such as app=traefik,component=proxy',
  'labels',
);
const COMMAND = matching(/^[^\0]*\S[^\0]*$/, 'a command for bash', 'command');
const VALUES_FILES = 'paths of files on this machine that do not start with a hyphen';
const HELM_SETTING = matching(/^[^-=\s][^=]*=.*$/, 'a setting', 'name=value');
const HELM_SETTINGS = 'settings such as image.tag=ci';
/** A valid name of a Helm release. */
const HELM_RELEASE = matching(
  /^[a-z0-9]([a-z0-9.-]{0,51}[a-z0-9])?$/,
  'a name of up to 53 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends',
  'name',
);
const INGRESS_CLASS = matching(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a name of an IngressClass', 'class');

const GRANTS_RIGHTS = 'gives rights, and only whoever starts the run may do that';

/**
 * Every input, in the order in which users meet them. action.yml, docs/inputs.md and the options of the command line
 * are generated from this (`npm run update`).
 */
export const INPUTS = {
  file: {
    topic: 'application',
    description:
      'A YAML file of the repository with inputs by topic. Inputs of the step override it. Default: `load-test.yml` or `.github/load-test.yml`, when there is one.',
    default: '',
    notInFile: 'names the file itself',
    parse: optional(path),
  },
  manifests: {
    topic: 'application',
    description:
      'The application to test, one entry per line: a folder with a kustomization, a folder of YAML files, a file, or a Helm chart (a folder with a Chart.yaml, or `oci://registry/chart:version`). Without it the action deploys two echo services.',
    default: '',
    parse: lines(path, 'paths on this machine that do not start with a hyphen'),
  },
  namespace: {
    topic: 'application',
    description: 'Namespace for objects in `manifests` that name none. It is created if it does not exist.',
    default: 'default',
    parse: matching(
      DNS_LABEL,
      'a name of up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
      'namespace',
    ),
  },
  'leave-out': {
    topic: 'application',
    description:
      'Objects in `manifests` and `baseline-manifests` to skip, one per line: `kind/name`, `kind/namespace/name`, `kind/*`, or a label selector (`app=loadgenerator`). A Service without any pods left is skipped too, and so are routes to it.',
    default: '',
    parse: leaveOut,
  },
  'helm-values': {
    topic: 'application',
    description: 'Values files for the Helm charts in `manifests`, one per line; later files override earlier ones.',
    default: '',
    parse: lines(path, VALUES_FILES),
  },
  'helm-set': {
    topic: 'application',
    description:
      'Single values for the Helm charts in `manifests`, one per line, as for `helm --set`: `image.tag=ci`. They override `helm-values`.',
    default: '',
    setsByName: true,
    parse: lines(HELM_SETTING, HELM_SETTINGS),
  },
  'helm-release': {
    topic: 'application',
    description: 'Release name of the Helm chart in `manifests`. Default: the name of the chart.',
    default: '',
    parse: optional(HELM_RELEASE),
  },
  'helm-version': {
    topic: 'application',
    description: 'Version of Helm, for charts in `manifests` and for kustomizations with `helmCharts`.',
    default: DEFAULT_VERSIONS.helm,
    parse: version,
  },
  'helm-sha256': {
    topic: 'application',
    description: 'SHA-256 of the helm binary (not of its archive), for a version or build with no pinned checksum.',
    default: '',
    parse: optional(sha256),
  },
  images: {
    topic: 'application',
    description:
      'Images that an earlier step built on this machine, one per line. They are loaded into the nodes; containers that use them pull nothing.',
    default: '',
    parse: lines(matching(LOCAL_IMAGE, 'an image', 'image'), LOCAL_IMAGES),
  },
  'cache-images': {
    topic: 'application',
    description:
      "Keeps node and pod images that are pinned by digest in the cache of the repository, so later runs on fresh runners don't pull them. Only on GitHub.",
    default: 'false',
    parse: boolean,
  },
  'pull-secret': {
    topic: 'application',
    description:
      'Login for private registries: lines `registry=user:password`, or the content of a Docker config.json. Give it from a secret.',
    default: '',
    secret: true,
    parse: optional(pullSecret),
  },
  'registry-mirror': {
    topic: 'application',
    description:
      'Registries that the nodes ask first: the address of a mirror of Docker Hub, or `registry=address`, one per line.',
    default: '',
    parse: registryMirrors,
  },
  hosts: {
    topic: 'application',
    description:
      'Hosts that get the load through the ingress, one per line, each with an optional path: `shop.localhost=/cart`, or with the scheme: `https://shop.localhost/cart`. Without a scheme, hosts with TLS in their routes are loaded over HTTPS. Default: the hosts of the Ingresses and HTTPRoutes in `manifests`, or foo.localhost and bar.localhost of the echo services.',
    default: '',
    parse: optional(hosts),
  },
  expose: {
    topic: 'application',
    description:
      'Services to reach through the ingress, one per line: `shop.localhost=[namespace/]shop[:port][/path]`. Each gets an Ingress. Default, when nothing in `manifests` routes to the application: each Service of type LoadBalancer or NodePort with an HTTP port, at `NAME.localhost`.',
    default: '',
    parse: optional(exposures),
  },
  requests: {
    topic: 'load',
    description: 'Number of measured requests. Ignored when `duration` is set.',
    default: String(DEFAULT_REQUESTS),
    parse: wholeNumber(1, 100_000_000),
  },
  scenario: {
    topic: 'load',
    description:
      'A YAML file with the requests, when a GET to each host is not enough: weights, methods, paths, headers, bodies, expected answers, and random values.',
    default: '',
    parse: optional(path),
  },
  'http-version': {
    topic: 'load',
    description:
      '`1` for HTTP/1.1, or `2` for HTTP/2, which needs HTTPS. The run fails if a host does not offer HTTP/2.',
    default: '1',
    parse: oneOf('1', '2'),
  },
  streams: {
    topic: 'load',
    description:
      'With `http-version: 2`: how many of the `concurrency` users share one connection, each with one stream at a time.',
    default: '1',
    parse: wholeNumber(1, 10_000),
  },
  concurrency: {
    topic: 'load',
    description: 'Number of connections that send at the same time.',
    default: '10',
    parse: wholeNumber(1, 10_000),
  },
  duration: {
    topic: 'load',
    description: 'Length of the load (`30s`, `2m`), instead of a number of `requests`.',
    default: '',
    parse: optional(duration('1s', '6h')),
  },
  rate: {
    topic: 'load',
    description:
      'Requests per second (`200`), minute (`1000/m`) or hour (`/h`) that arrive whether or not earlier ones were answered (open model). Without it, each connection sends its next request when the last one is answered (closed model).',
    default: '',
    parse: optional(rate(0.1, 1_000_000)),
  },
  arrivals: {
    topic: 'load',
    description: 'Gaps between requests with `rate`: `constant`, or `poisson` for independent users.',
    default: 'constant',
    parse: oneOf('constant', 'poisson'),
  },
  stages: {
    topic: 'load',
    description:
      'A load in stages, instead of `rate`, `duration` and `requests`: `30s@50, 1m@200, 10s@1000` holds each rate in turn, `30s@5 users` holds a number of users (closed model), and `ramp 10s` between two stages changes the load evenly. Rules can name a stage: `http_req_duration{stage:3}: p(95)<500`.',
    default: '',
    parse: optional(stages),
  },
  'ramp-up': {
    topic: 'load',
    description: 'Time in which the load grows to full strength (`10s`) before the measured window; not counted.',
    default: '',
    parse: optional(duration('100ms', '1h')),
  },
  'warmup-requests': {
    topic: 'load',
    description: 'Requests sent before the measured load; not counted.',
    default: '50',
    parse: wholeNumber(0, 1_000_000),
  },
  'request-timeout': {
    topic: 'load',
    description: 'A request fails if its answer is not complete after this time.',
    default: '10s',
    parse: duration('10ms', '10m'),
  },
  seed: {
    topic: 'load',
    description: 'Any text. The same seed sends the same sequence of requests. Default: random, and shown in the log.',
    default: '',
    parse: optional(matching(/^[!-~]{1,64}$/, 'up to 64 printable ASCII characters without spaces')),
  },
  engine: {
    topic: 'load',
    description:
      'What sends the load: `builtin`; `k6`, which needs more CPU for the same load, has no Poisson arrivals, and runs your own scripts (`k6-script`); or `k6-operator`, which runs several k6 instances in pods of the cluster (`parallelism`).',
    default: 'builtin',
    parse: oneOf('builtin', 'k6', 'k6-operator'),
  },
  parallelism: {
    topic: 'load',
    description: 'With `engine: k6-operator`: number of pods that share the load equally.',
    default: '2',
    parse: wholeNumber(1, 100),
  },
  'k6-script': {
    topic: 'load',
    description:
      'Your own k6 script, run instead of the generated one. It decides what is sent, and its thresholds count in addition to `thresholds`. The hosts lead to the ingress: `http.get("http://foo.localhost/")`.',
    default: '',
    parse: optional(path),
  },
  'k6-version': {
    topic: 'load',
    description: 'Version of k6, with `engine: k6`.',
    default: DEFAULT_VERSIONS.k6,
    parse: version,
  },
  'k6-sha256': {
    topic: 'load',
    description: 'SHA-256 of the k6 binary (not of its archive), for a version or build with no pinned checksum.',
    default: '',
    parse: optional(sha256),
  },
  workers: {
    topic: 'load',
    description:
      'Threads that send the load. Default: all cores but two, at least one, since the system under test needs cores too.',
    default: '',
    parse: optional(wholeNumber(1, 64)),
  },
  prepare: {
    topic: 'load',
    notInFile: 'runs a command on this machine, and the file may come from a pull request',
    description:
      'A command that runs on the runner once the application is healthy, before the load, for example to fill a database, create a user, or warm a cache. In a comparison it runs for each version. bash runs it with KUBECONFIG, INGRESS_URL, HOSTS, NAMESPACE and VERSION in its environment.',
    default: '',
    parse: optional(COMMAND),
  },
  reset: {
    topic: 'load',
    notInFile: 'runs a command on this machine, and the file may come from a pull request',
    description:
      'In a comparison: a command like `prepare` that runs before every round of a version except the first, for loads that write. It undoes what the previous round changed.',
    default: '',
    parse: optional(COMMAND),
  },
  'prepare-timeout': {
    topic: 'load',
    description: 'How long `prepare` and `reset` may each take.',
    default: '5m',
    parse: duration('1s', '1h'),
  },
  thresholds: {
    topic: 'rules',
    description:
      "Rules that the run must keep, one per line, in k6's syntax: `http_req_duration: p(95)<500` (milliseconds), `http_req_failed: rate<0.01`, `http_reqs: rate>100`, `http_req_duration{host:foo.localhost}: p(99)<800`, `resource_cpu{workload:foo}: max<0.5`. A rule about something that was not measured fails.",
    default: 'http_req_failed: rate<0.01',
    parse: thresholds,
  },
  'fail-on-threshold': {
    topic: 'rules',
    description: 'Fails the step when a rule is broken.',
    default: 'true',
    parse: boolean,
  },
  mode: {
    topic: 'load',
    description:
      '`load` sends one load. `capacity` looks for the highest rate that keeps the `thresholds`, in steps of the open model; it does not take `rate` or `requests`, and `duration` is the minimum length of a step. With `baseline-manifests` it finds and compares the capacities of both versions.',
    default: 'load',
    parse: oneOf('load', 'capacity'),
  },
  'capacity-limit': {
    topic: 'load',
    description:
      'With `mode: capacity`: time limit of the search. With `baseline-manifests` it covers both versions, so start with twice the default.',
    default: '5m',
    parse: duration('20s', '2h'),
  },
  'baseline-manifests': {
    topic: 'comparison',
    description:
      'Manifests of the version to compare with, usually the base of the pull request in its own checkout. Both versions run side by side and are loaded in turns.',
    default: '',
    parse: lines(path, 'paths on this machine that do not start with a hyphen'),
  },
  'baseline-images': {
    topic: 'comparison',
    description: 'With `baseline-manifests`: images of that version that were built on this machine, one per line.',
    default: '',
    parse: lines(matching(LOCAL_IMAGE, 'an image', 'image'), LOCAL_IMAGES),
  },
  'baseline-helm-values': {
    topic: 'comparison',
    description:
      'Like `helm-values`, for the Helm charts in `baseline-manifests`. These charts do not get the files of `helm-values`.',
    default: '',
    parse: lines(path, VALUES_FILES),
  },
  'baseline-helm-set': {
    topic: 'comparison',
    description: 'Like `helm-set`, for the Helm charts in `baseline-manifests`.',
    default: '',
    setsByName: true,
    parse: lines(HELM_SETTING, HELM_SETTINGS),
  },
  'baseline-helm-release': {
    topic: 'comparison',
    description: 'Like `helm-release`, for `baseline-manifests`. Default: `helm-release`.',
    default: '',
    parse: optional(HELM_RELEASE),
  },
  rounds: {
    topic: 'comparison',
    description:
      'In a comparison: number of rounds before the first look, an even number. Each round loads both sides once. Default: as many as fit into `compare-duration`.',
    default: '',
    parse: optional(rounds),
  },
  'compare-duration': {
    topic: 'comparison',
    description: 'In a comparison: how long both sides are loaded, in turns, before the first look.',
    default: `${String(DEFAULT_COMPARE_DURATION_MS / 60_000)}m`,
    parse: duration('20s', '2h'),
  },
  'compare-limit': {
    topic: 'comparison',
    description:
      'In a comparison: time limit, including rounds added while the result is open and rounds that confirm a change. Default: three times `compare-duration`.',
    default: '',
    parse: optional(duration('20s', '6h')),
  },
  tolerance: {
    topic: 'comparison',
    description:
      'In a comparison: changes up to this share do not matter. With `0%` every change beyond chance counts.',
    default: '5%',
    parse: percentage(0, 100),
  },
  'fail-on-regression': {
    topic: 'comparison',
    description:
      'In a comparison: fails the step when head is worse than base by more than `tolerance` and fresh rounds confirm it.',
    default: 'true',
    parse: boolean,
  },
  'fresh-starts': {
    topic: 'comparison',
    description:
      'In a comparison: restarts the Deployments of both versions before a change, for better or worse, is confirmed: twice, and up to eight times if starts differ a lot, with nodes swapped where possible. Set it to `false` if a new pod would lack what it needs, such as data that an earlier step wrote into the old one.',
    default: 'true',
    parse: boolean,
  },
  profile: {
    topic: 'comparison',
    description:
      'In a comparison: workloads to profile, in both versions, after a confirmed regression, one per line: `shop=:6060/debug/pprof/profile`, or `shop=exec: COMMAND` with a command that prints a profile. The report names the functions that changed most.',
    default: '',
    parse: profileSources,
  },
  'cluster-name': {
    topic: 'cluster',
    description: 'Name of the kind cluster. Default: unique for run, attempt and job.',
    default: '',
    aliases: ['cluster_name'],
    parse: optional(
      matching(
        /^[a-z0-9]([a-z0-9.-]{0,48}[a-z0-9])?$/,
        'up to 50 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends',
        'name',
      ),
    ),
  },
  'reuse-cluster': {
    topic: 'cluster',
    description:
      'Reuses the cluster that an earlier step of the same job created with the same `cluster-name`, or creates it. The step that created it deletes it.',
    default: 'false',
    parse: boolean,
  },
  nodes: {
    topic: 'cluster',
    description: 'Number of nodes: one control plane, the rest workers. Ignored when `config` is set.',
    default: '3',
    parse: wholeNumber(1, 20),
  },
  'kind-version': {
    topic: 'cluster',
    description: 'Version of kind.',
    default: DEFAULT_VERSIONS.kind,
    aliases: ['version'],
    parse: version,
  },
  'kubectl-version': {
    topic: 'cluster',
    description: 'Version of kubectl.',
    default: DEFAULT_VERSIONS.kubectl,
    aliases: ['kubectl_version'],
    parse: version,
  },
  'kind-sha256': {
    topic: 'cluster',
    description: 'SHA-256 of the kind binary, for a version or build with no pinned checksum.',
    default: '',
    parse: optional(sha256),
  },
  'kubectl-sha256': {
    topic: 'cluster',
    description: 'SHA-256 of the kubectl binary, for a version or build with no pinned checksum.',
    default: '',
    parse: optional(sha256),
  },
  'node-image': {
    topic: 'cluster',
    description: "Image of the cluster's nodes, preferably by digest.",
    default: DEFAULT_VERSIONS.nodeImage,
    aliases: ['node_image'],
    parse: matching(IMAGE, 'an image reference such as kindest/node:v1.35.8@sha256:…', 'image'),
  },
  config: {
    topic: 'cluster',
    description:
      'Your own kind configuration file, used instead of the generated one. One node needs the label `ingress-ready=true` and a port mapping to its port 80.',
    default: '',
    parse: optional(path),
  },
  wait: {
    topic: 'cluster',
    description: 'How long to wait for the nodes to become ready, and then for the workloads.',
    default: '300s',
    parse: duration('10s', '60m'),
  },
  'keep-cluster': {
    topic: 'cluster',
    description: 'Leaves the cluster running at the end of the job.',
    default: 'false',
    parse: boolean,
  },
  'ingress-controller': {
    topic: 'cluster',
    description:
      '`nginx` (ingress-nginx, archived since March 2026); `traefik`, which serves the class `traefik` and, with the annotations of ingress-nginx, the class `nginx`; `traefik-gateway`, which serves HTTPRoutes; `custom` for your own (`ingress-manifests`); or `none` if the manifests include one.',
    default: 'nginx',
    parse: oneOf(...BUILT_IN_CONTROLLERS, 'custom', 'none'),
  },
  'ingress-manifests': {
    topic: 'cluster',
    description:
      'With `ingress-controller: custom`: the folder with its kustomization. The controller must listen on port 80 of the node with the label `ingress-ready=true`.',
    default: '',
    parse: optional(path),
  },
  'ingress-namespace': {
    topic: 'cluster',
    description: 'With `ingress-controller: custom`: namespace of its pods.',
    default: '',
    parse: optional(NAMESPACE),
  },
  'ingress-selector': {
    topic: 'cluster',
    description:
      'With `ingress-controller: custom`: labels of its pods, such as `app.kubernetes.io/name=traefik`. Prometheus scrapes their port named `metrics`.',
    default: '',
    parse: optional(SELECTOR),
  },
  'ingress-class': {
    topic: 'cluster',
    description:
      'Class that replaces the class of every Ingress of the application, to run it behind another controller.',
    default: '',
    parse: optional(INGRESS_CLASS),
  },
  'baseline-ingress-controller': {
    topic: 'comparison',
    description:
      'Compares two ingress controllers in front of one application: this one and `ingress-controller`. Both run side by side and are loaded in turns, as with `baseline-manifests`.',
    default: '',
    parse: optional(oneOf(...BUILT_IN_CONTROLLERS, 'custom')),
  },
  'baseline-ingress-manifests': {
    topic: 'comparison',
    description: 'With `baseline-ingress-controller: custom`: like `ingress-manifests`.',
    default: '',
    parse: optional(path),
  },
  'baseline-ingress-namespace': {
    topic: 'comparison',
    description: 'With `baseline-ingress-controller: custom`: like `ingress-namespace`.',
    default: '',
    parse: optional(NAMESPACE),
  },
  'baseline-ingress-selector': {
    topic: 'comparison',
    description: 'With `baseline-ingress-controller: custom`: like `ingress-selector`.',
    default: '',
    parse: optional(SELECTOR),
  },
  'baseline-ingress-class': {
    topic: 'comparison',
    description:
      'Class for a copy of every Ingress of the application, which `baseline-ingress-controller` serves. Not needed when the manifests have routes for both.',
    default: '',
    parse: optional(INGRESS_CLASS),
  },
  prometheus: {
    topic: 'cluster',
    description: 'Deploys Prometheus and reports the CPU, memory, and network use of the workloads.',
    default: 'true',
    parse: boolean,
  },
  autoscaling: {
    topic: 'cluster',
    description:
      'Deploys metrics-server and reports how the HorizontalPodAutoscalers in `manifests` add pods under load. Without `manifests` the echo services have autoscalers. Give a `duration` of a minute or more.',
    default: 'false',
    parse: boolean,
  },
  dashboard: {
    topic: 'cluster',
    description:
      'Deploys Grafana with dashboards of the cluster and the load. The command line prints the address and keeps the cluster until Ctrl-C. In a job nobody can see it.',
    default: 'false',
    parse: boolean,
  },
  'http-port': {
    topic: 'cluster',
    description: 'Port on 127.0.0.1 for HTTP to the ingress. Default: 80 if it is free, otherwise any free port.',
    default: '',
    parse: optional(wholeNumber(1, 65_535, 'port')),
  },
  'https-port': {
    topic: 'cluster',
    description:
      'Port on 127.0.0.1 for HTTPS to the ingress. Default: 443 if it is free, otherwise any free port. With `kubeconfig`: the HTTPS port at the address of the ingress. Default: the one found in the cluster, or 443.',
    default: '',
    parse: optional(wholeNumber(1, 65_535)),
  },
  ca: {
    topic: 'cluster',
    description:
      'A PEM file with certificates of authorities to trust over HTTPS, in addition to the roots of this machine and the certificates in Secrets that the manifests name.',
    default: '',
    parse: optional(path),
  },
  'tls-verify': {
    topic: 'cluster',
    description:
      'Whether certificates of hosts are verified: `true`; `false`; or `auto`, which accepts a certificate from an unknown issuer and says so in the report, but refuses one that fails although its issuer is known.',
    default: 'auto',
    parse: oneOf('auto', 'true', 'false'),
  },
  kubeconfig: {
    topic: 'cluster',
    description:
      'Kubeconfig of an existing cluster. No cluster is created, and the application is deployed into a namespace of the run. Needs `context` and `allow-hosts`.',
    default: '',
    notInFile: GRANTS_RIGHTS,
    parse: optional(path),
  },
  context: {
    topic: 'cluster',
    description: 'Context in `kubeconfig`. Required there: the current context is never used.',
    default: '',
    notInFile: GRANTS_RIGHTS,
    parse: optional(
      matching(/^[^-\s\0][^\s\0]{0,252}$/, 'the name of a context, which does not start with a hyphen', 'context'),
    ),
  },
  'allow-hosts': {
    topic: 'cluster',
    description:
      'Hosts that may be loaded in an existing cluster, one full name per line. Any other host in `hosts` is refused.',
    default: '',
    notInFile: GRANTS_RIGHTS,
    parse: optional(hostNames),
  },
  'ingress-address': {
    topic: 'cluster',
    description:
      'Address of the ingress of an existing cluster: `10.0.0.5`, `lb.example.com:8080`. Default: found in the status of Ingresses and Services.',
    default: '',
    parse: optional(ingressAddress),
  },
  'allow-cluster-changes': {
    topic: 'cluster',
    description:
      'In an existing cluster: also creates cluster-wide objects and objects in other namespaces. Without it they are refused.',
    default: 'false',
    notInFile: GRANTS_RIGHTS,
    parse: boolean,
  },
  'prometheus-service': {
    topic: 'cluster',
    description:
      'Prometheus in an existing cluster with metrics of CPU, memory, and network: `monitoring/prometheus:9090`. Without it they are not measured.',
    default: '',
    parse: optional(
      matching(/^[a-z0-9-]+\/[a-z0-9-]+:[a-z0-9-]+$/, 'namespace/service:port, the port by number or name', 'service'),
    ),
  },
  'github-token': {
    topic: 'report',
    description: 'Token for the pull-request comment. Needs `pull-requests: write`.',
    default: '${{ github.token }}',
    secret: true,
    parse: optional(matching(/^[!-~]+$/, 'a token', 'token')),
  },
  comment: {
    topic: 'report',
    description: 'Writes one comment on the pull request and updates it on every run.',
    default: 'true',
    parse: boolean,
  },
  'pull-request': {
    topic: 'report',
    description:
      'Number of the pull request that the run is about. Detected on `pull_request`, `pull_request_target`, `pull_request_review`, `pull_request_review_comment`, `issue_comment` and `workflow_run`; give it on `push`, `workflow_dispatch`, `merge_group` and others.',
    default: '',
    parse: optional(wholeNumber(1, 2_147_483_647)),
  },
  'comment-header': {
    topic: 'report',
    description: 'Tells several comments on one pull request apart. Default: made from workflow, job, matrix and step.',
    default: '',
    parse: optional(matching(/^[^\0\r\n]{1,200}$/, 'one line of up to 200 characters')),
  },
  'allow-pull-request-target': {
    topic: 'report',
    description:
      "Also runs on the event pull_request_target, where a stranger's manifests and images would run with the rights of the repository. Only for workflows that check out nothing from the pull request.",
    default: 'false',
    notInFile: GRANTS_RIGHTS,
    parse: boolean,
  },
  matrix: {
    topic: 'report',
    description: 'Tells the jobs of a matrix apart in names and comments. Keep the default.',
    default: '${{ toJSON(matrix) }}',
    notInFile: "only a workflow's own expression knows it",
    parse: format({ placeholder: 'text', schema: { type: 'string' } }, (text) => valid(text)),
  },
  'job-id': {
    topic: 'report',
    description: 'Tells the relay which job of the run a report comes from. Keep the default.',
    default: '${{ job.check_run_id }}',
    // Servers and runners that do not support it give nothing.
    notInFile: "only a workflow's own expression knows it",
    parse: format({ placeholder: 'text', schema: { type: 'string' } }, (text) =>
      valid(/^[1-9]\d{0,15}$/.test(text) ? Number(text) : null),
    ),
  },
  'artifact-name': {
    topic: 'report',
    description: 'Name of the artifact with the reports. Default: made from job, attempt, matrix and step.',
    default: '',
    parse: optional(
      // The characters that GitHub forbids in artifact names.
      matching(/^[^":<>|*?\r\n\\/]{1,200}$/, 'up to 200 characters other than " : < > | * ? \\ / and line ends'),
    ),
  },
  'baseline-report': {
    topic: 'report',
    description:
      "The `report.json` or `baseline.json` of an earlier run, usually of the main branch. Its figures appear next to this run's as context; they never affect the verdict. The file may be missing.",
    default: '',
    parse: optional(path),
  },
  'save-baseline': {
    topic: 'report',
    description:
      'Name of the artifact in which a passed run saves `baseline.json` for the `baseline-report` of later runs, such as `baseline-of-load-test`. Without it nothing is saved.',
    default: '',
    parse: optional(
      matching(
        /^[\w.][\w. -]{0,99}$/,
        'the name of an artifact: up to 100 letters, digits, dots, hyphens, underscores and spaces',
      ),
    ),
  },
  history: {
    topic: 'report',
    description:
      'A JSON Lines file to which this run appends a line, for example on a branch that the workflow checks out. The report folder gets `history.html` with all runs of the file, their intervals, and change points. With or without this input, each run writes its line to `history.jsonl` there.',
    default: '',
    parse: optional(path),
  },
  'output-dir': {
    topic: 'report',
    description:
      'Folder for reports, state, and kubeconfig. It must be new, empty, or from an earlier run; a folder with other files is refused.',
    default: 'artifacts',
    parse: path,
  },
} as const satisfies Readonly<Record<string, Definition<unknown>>>;

export type InputName = keyof typeof INPUTS;

/** The value of each input, as the program uses it. All times are in milliseconds. */
export type Inputs = {
  readonly [Name in InputName]: (typeof INPUTS)[Name] extends Definition<infer T> ? T : never;
};

export const INPUT_NAMES = Object.keys(INPUTS) as InputName[];

/** The definition of an input, in one form for all of them. */
export const definitionOf = (name: InputName): Definition<unknown> => INPUTS[name];

/** All inputs, grouped by topic. */
export const INPUT_NAMES_BY_TOPIC: readonly InputName[] = Object.keys(TOPICS).flatMap((topic) =>
  INPUT_NAMES.filter((name) => definitionOf(name).topic === topic),
);

/** Whether the run creates its own cluster or uses an existing one. */
export const clusterAskedFor = (inputs: Pick<Inputs, 'kubeconfig'>): 'own' | 'existing' =>
  inputs.kubeconfig === null ? 'own' : 'existing';

/**
 * Whether two sides are loaded in turns: two versions of the application, or two ingress controllers in front of it.
 */
export const isComparison = (inputs: Pick<Inputs, 'baseline-manifests' | 'baseline-ingress-controller'>): boolean =>
  inputs['baseline-manifests'].length > 0 || inputs['baseline-ingress-controller'] !== null;

/** The environment variables that the command line reads secret inputs from instead of an option. */
export const SECRET_VARIABLES: Readonly<Partial<Record<InputName, string>>> = Object.fromEntries(
  INPUT_NAMES.filter((name) => definitionOf(name).secret === true).map((name) => [
    name,
    name.toUpperCase().replaceAll('-', '_'),
  ]),
);

/** The texts of the inputs, without secrets, by name. */
export type Settings = Readonly<Record<string, string>>;
