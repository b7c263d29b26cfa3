/**
 * The dashboards of manifests/components/grafana, as code: `npm run update` writes them as JSON. The compiler holds
 * them against Grafana's own schema, whose types @grafana/schema has; scripts/check-dashboards.ts sends each query to
 * a Prometheus.
 */
import {
  type Dashboard,
  DashboardCursorSync,
  type GraphFieldConfig,
  LegendDisplayMode,
  type OptionsWithLegend,
  type OptionsWithTooltip,
  type Panel,
  SortOrder,
  TooltipDisplayMode,
  type VariableModel,
} from '@grafana/schema';
import { LOAD_METRICS } from '../src/load/metrics/load-series.ts';

/** The version of the dashboard JSON that Grafana 13 writes; older ones it migrates. */
const SCHEMA_VERSION = 42;
const SOURCE = { type: 'prometheus', uid: 'prometheus' };
const COLUMNS = 2;
const [WIDTH, HEIGHT] = [24 / COLUMNS, 8];

type Unit = 'reqps' | 'percentunit' | 's' | 'bytes' | 'Bps' | 'none' | 'short';

interface Query {
  readonly expr: string;
  /** In Grafana's template syntax: `{{host}}`. */
  readonly legend: string;
}

interface Graph {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly max?: number;
  readonly queries: readonly Query[];
}

/** A query for Grafana's Prometheus data source. */
interface Target extends Record<string, unknown> {
  readonly datasource: typeof SOURCE;
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly range: true;
}

/** Graphs in two columns, in their order. */
function dashboard(
  uid: string,
  title: string,
  description: string,
  graphs: readonly Graph[],
  variables: VariableModel[] = [],
): Dashboard {
  return {
    uid: `loadtest-${uid}`,
    title,
    description,
    tags: ['k8s-loadtest-ci'],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: DashboardCursorSync.Crosshair,
    refresh: '5s',
    time: { from: 'now-10m', to: 'now' },
    timezone: 'browser',
    templating: { list: variables },
    links: [
      {
        type: 'dashboards',
        title: 'Dashboards',
        tags: ['k8s-loadtest-ci'],
        asDropdown: false,
        icon: 'external link',
        includeVars: false,
        keepTime: true,
        targetBlank: false,
        tooltip: '',
        url: '',
      },
    ],
    panels: graphs.map(panel),
  };
}

function panel(
  { title, description, unit, max, queries }: Graph,
  index: number,
): Panel & { readonly targets: Target[] } {
  const custom = { lineWidth: 2, fillOpacity: 8, spanNulls: 15_000 } satisfies GraphFieldConfig;
  const options = {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the package has this enum twice, with the same values
    legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  } satisfies OptionsWithLegend & OptionsWithTooltip;
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description,
    datasource: SOURCE,
    gridPos: { x: (index % COLUMNS) * WIDTH, y: Math.floor(index / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    targets: queries.map(({ expr, legend }, query) => ({
      datasource: SOURCE,
      refId: String.fromCharCode(65 + query),
      expr,
      legendFormat: legend,
      range: true,
    })),
    fieldConfig: { defaults: { unit, min: 0, ...(max === undefined ? {} : { max }), custom }, overrides: [] },
    options,
  };
}

const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;

const REQUESTS = 'nginx_ingress_controller_requests';
const DURATION = 'nginx_ingress_controller_request_duration_seconds';
const PERCENTILE_SHARES = [0.5, 0.95, 0.99];
const percentileName = (share: number): string => `p${String(share * 100)}`;
const PERCENTILES = PERCENTILE_SHARES.map((share): Query => ({
  expr: `histogram_quantile(${String(share)}, sum by (le) (${rate(`${DURATION}_bucket`)}))`,
  legend: percentileName(share),
}));
// Without any failed request there is no such series, and the share is none but 0.
const FAILED_SHARE = `(sum(${rate(`${REQUESTS}{status=~"[45].."}`)}) or vector(0)) / sum(${rate(REQUESTS)})`;

/** Containers, and neither the pods that they add up to nor their sandboxes. */
const OF_CONTAINERS = 'container!="",container!="POD"';
const OF_NAMESPACE = `namespace=~"$namespace",${OF_CONTAINERS}`;
const byPod = (expr: string): string => `sum by (namespace, pod) (${expr})`;
const POD = '{{namespace}}/{{pod}}';

const loadRate = (metric: string, ...by: string[]): string =>
  `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (${rate(metric)})`;
const RESPONSE_TIMES = PERCENTILE_SHARES.map((share): Query => ({
  expr: `histogram_quantile(${String(share)}, ${loadRate(LOAD_METRICS.responseTime)})`,
  legend: percentileName(share),
}));

const latency: Graph = {
  title: 'Latency at the ingress',
  description:
    'From the first byte of a request to the last of its answer, as the controller saw it; from buckets, so roughly.',
  unit: 's',
  queries: PERCENTILES,
};

const NAMESPACE: VariableModel = {
  name: 'namespace',
  label: 'Namespace',
  type: 'query',
  datasource: SOURCE,
  query: { query: 'label_values(container_cpu_usage_seconds_total, namespace)', refId: 'namespace' },
  includeAll: true,
  multi: true,
  current: { text: ['All'], value: ['$__all'] },
  allValue: '.+',
};

/** By the name of the file in manifests/components/grafana/dashboards. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'load-test': dashboard(
    'load-test',
    'Load test',
    'The load as it was sent, on the left, and as it arrived, on the right; and what it takes.',
    [
      {
        title: 'Requests at the client',
        description: 'Requests that ended, per second, of each host.',
        unit: 'reqps',
        queries: [{ expr: loadRate(LOAD_METRICS.requests, 'host'), legend: '{{host}}' }],
      },
      {
        title: 'Requests at the ingress',
        description: 'Answered requests per second of each host.',
        unit: 'reqps',
        queries: [{ expr: `sum by (host) (${rate(REQUESTS)})`, legend: '{{host}}' }],
      },
      {
        title: 'Response time at the client',
        description:
          'From the moment at which a request was meant to leave to the last byte of its answer; within 4.4 %.',
        unit: 's',
        queries: RESPONSE_TIMES,
      },
      latency,
      {
        title: 'Median response time of each host',
        description: 'At the client.',
        unit: 's',
        queries: [
          { expr: `histogram_quantile(0.5, ${loadRate(LOAD_METRICS.responseTime, 'host')})`, legend: '{{host}}' },
        ],
      },
      {
        title: 'Failed requests at the ingress',
        description: 'Share of the answers with a status of 400 or more.',
        unit: 'percentunit',
        queries: [{ expr: FAILED_SHARE, legend: 'failed' }],
      },
      {
        title: 'Failed requests at the client',
        description: 'Per second, by the class that the report names them by.',
        unit: 'reqps',
        queries: [{ expr: loadRate(LOAD_METRICS.failures, 'class'), legend: '{{class}}' }],
      },
      {
        title: 'Connections',
        description:
          'Requests on their way at the client, those per second that left late as every connection was busy, and the connections that nginx answers on.',
        unit: 'short',
        queries: [
          { expr: LOAD_METRICS.inFlight, legend: 'in flight' },
          { expr: loadRate(LOAD_METRICS.late), legend: 'late per second' },
          {
            expr: 'sum(nginx_ingress_controller_nginx_process_connections{state="active"})',
            legend: 'active at nginx',
          },
        ],
      },
      {
        title: 'CPU of the load generator and of the workloads',
        description: 'Cores.',
        unit: 'none',
        queries: [
          { expr: loadRate(LOAD_METRICS.generatorCpu), legend: 'load generator' },
          {
            expr: `sum by (namespace, container) (${rate(`container_cpu_usage_seconds_total{${OF_CONTAINERS}}`)})`,
            legend: '{{namespace}}/{{container}}',
          },
        ],
      },
      {
        title: 'Throttled',
        description: 'Share of the CFS periods in which a container was held back by its CPU limit.',
        unit: 'percentunit',
        max: 1,
        queries: [
          {
            expr: `sum by (namespace, container) (${rate(`container_cpu_cfs_throttled_periods_total{${OF_CONTAINERS}}`)}) / sum by (namespace, container) (${rate(`container_cpu_cfs_periods_total{${OF_CONTAINERS}}`)})`,
            legend: '{{namespace}}/{{container}}',
          },
        ],
      },
      {
        title: 'Requests that were never sent',
        description: 'Known at the end of a load.',
        unit: 'short',
        queries: [{ expr: LOAD_METRICS.notSent, legend: 'not sent' }],
      },
      {
        title: 'CPU of the nodes',
        description: 'Cores. The nodes share one machine.',
        unit: 'none',
        queries: [{ expr: `sum by (node) (${rate('container_cpu_usage_seconds_total{id="/"}')})`, legend: '{{node}}' }],
      },
    ],
  ),
  ingress: dashboard('ingress', 'Ingress', 'What ingress-nginx tells of itself.', [
    {
      title: 'Requests by status',
      description: '',
      unit: 'reqps',
      queries: [{ expr: `sum by (status) (${rate(REQUESTS)})`, legend: '{{status}}' }],
    },
    {
      title: 'Requests by service',
      description: '',
      unit: 'reqps',
      queries: [{ expr: `sum by (namespace, service) (${rate(REQUESTS)})`, legend: '{{namespace}}/{{service}}' }],
    },
    latency,
    {
      title: 'Mean time of a request and of its service',
      description: 'What lies between them is the time in the controller and to the client.',
      unit: 's',
      queries: [
        { expr: `sum(${rate(`${DURATION}_sum`)}) / sum(${rate(`${DURATION}_count`)})`, legend: 'request' },
        {
          expr: `sum(${rate('nginx_ingress_controller_response_duration_seconds_sum')}) / sum(${rate('nginx_ingress_controller_response_duration_seconds_count')})`,
          legend: 'service',
        },
      ],
    },
    {
      title: 'Connections',
      description: '',
      unit: 'short',
      queries: [{ expr: 'sum by (state) (nginx_ingress_controller_nginx_process_connections)', legend: '{{state}}' }],
    },
    {
      title: 'CPU of nginx',
      description: 'Cores.',
      unit: 'none',
      queries: [
        {
          expr: `sum by (node) (${rate('nginx_ingress_controller_nginx_process_cpu_seconds_total')})`,
          legend: '{{node}}',
        },
      ],
    },
    {
      title: 'Memory of nginx',
      description: '',
      unit: 'bytes',
      queries: [
        { expr: 'sum by (node) (nginx_ingress_controller_nginx_process_resident_memory_bytes)', legend: '{{node}}' },
      ],
    },
    {
      title: 'Last reload',
      description: '1: the configuration that it was given last is in use.',
      unit: 'none',
      max: 1,
      queries: [{ expr: 'min by (node) (nginx_ingress_controller_config_last_reload_successful)', legend: '{{node}}' }],
    },
  ]),
  workloads: dashboard(
    'workloads',
    'Workloads',
    'Pods, as cAdvisor sees them.',
    [
      {
        title: 'CPU',
        description: 'Cores.',
        unit: 'none',
        queries: [{ expr: byPod(rate(`container_cpu_usage_seconds_total{${OF_NAMESPACE}}`)), legend: POD }],
      },
      {
        title: 'CPU of the limit',
        description: 'Pods without a limit have no line.',
        unit: 'percentunit',
        queries: [
          {
            expr: `${byPod(rate(`container_cpu_usage_seconds_total{${OF_NAMESPACE}}`))} / ${byPod(`container_spec_cpu_quota{${OF_NAMESPACE}} / container_spec_cpu_period{${OF_NAMESPACE}}`)}`,
            legend: POD,
          },
        ],
      },
      {
        title: 'Throttled',
        description: 'Share of the CFS periods in which it was held back by its CPU limit.',
        unit: 'percentunit',
        max: 1,
        queries: [
          {
            expr: `${byPod(rate(`container_cpu_cfs_throttled_periods_total{${OF_NAMESPACE}}`))} / ${byPod(rate(`container_cpu_cfs_periods_total{${OF_NAMESPACE}}`))}`,
            legend: POD,
          },
        ],
      },
      {
        title: 'Memory',
        description: 'Working set.',
        unit: 'bytes',
        queries: [{ expr: byPod(`container_memory_working_set_bytes{${OF_NAMESPACE}}`), legend: POD }],
      },
      {
        title: 'Memory of the limit',
        description: 'Pods without a limit have no line.',
        unit: 'percentunit',
        queries: [
          {
            expr: `${byPod(`container_memory_working_set_bytes{${OF_NAMESPACE}}`)} / ${byPod(`container_spec_memory_limit_bytes{${OF_NAMESPACE}} > 0`)}`,
            legend: POD,
          },
        ],
      },
      {
        title: 'Received',
        description: '',
        unit: 'Bps',
        queries: [
          {
            expr: byPod(rate('container_network_receive_bytes_total{namespace=~"$namespace",interface!="lo"}')),
            legend: POD,
          },
        ],
      },
      {
        title: 'Sent',
        description: '',
        unit: 'Bps',
        queries: [
          {
            expr: byPod(rate('container_network_transmit_bytes_total{namespace=~"$namespace",interface!="lo"}')),
            legend: POD,
          },
        ],
      },
    ],
    [NAMESPACE],
  ),
  nodes: dashboard(
    'nodes',
    'Nodes',
    'The nodes of kind share one machine: each says of itself that it has all of its cores and memory.',
    [
      {
        title: 'CPU',
        description: 'Cores.',
        unit: 'none',
        queries: [{ expr: `sum by (node) (${rate('container_cpu_usage_seconds_total{id="/"}')})`, legend: '{{node}}' }],
      },
      {
        title: 'CPU of the machine',
        description: 'All nodes together, of the cores of the machine.',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum(${rate('container_cpu_usage_seconds_total{id="/"}')}) / max(machine_cpu_cores)`,
            legend: 'all nodes',
          },
        ],
      },
      {
        title: 'Memory',
        description: 'Working set.',
        unit: 'bytes',
        queries: [{ expr: 'sum by (node) (container_memory_working_set_bytes{id="/"})', legend: '{{node}}' }],
      },
      {
        title: 'Memory of the machine',
        description: 'All nodes together.',
        unit: 'percentunit',
        queries: [
          { expr: 'sum(container_memory_working_set_bytes{id="/"}) / max(machine_memory_bytes)', legend: 'all nodes' },
        ],
      },
      {
        title: 'Received',
        description: '',
        unit: 'Bps',
        queries: [
          {
            expr: `sum by (node) (${rate('container_network_receive_bytes_total{id="/",interface!="lo"}')})`,
            legend: '{{node}}',
          },
        ],
      },
      {
        title: 'Sent',
        description: '',
        unit: 'Bps',
        queries: [
          {
            expr: `sum by (node) (${rate('container_network_transmit_bytes_total{id="/",interface!="lo"}')})`,
            legend: '{{node}}',
          },
        ],
      },
      {
        title: 'Targets',
        description: '1: Prometheus could scrape it.',
        unit: 'none',
        max: 1,
        queries: [{ expr: 'up', legend: '{{job}} {{node}}' }],
      },
      {
        title: 'Time of a scrape',
        description: '',
        unit: 's',
        queries: [{ expr: 'scrape_duration_seconds', legend: '{{job}} {{node}}' }],
      },
    ],
  ),
};

/** Every query of a dashboard, with the title of its graph and the labels that its legend names. */
export const expressionsOf = ({
  panels = [],
}: Dashboard): { readonly title: string; readonly expr: string; readonly labels: readonly string[] }[] =>
  panels.flatMap((panel) =>
    'targets' in panel
      ? (panel.targets ?? []).flatMap(({ expr, legendFormat }) =>
          typeof expr === 'string' && typeof legendFormat === 'string'
            ? [
                {
                  title: panel.title ?? '',
                  expr,
                  labels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
                },
              ]
            : [],
        )
      : [],
  );
