/**
 * witness/ asks those who must have seen a load, the ingress controller and the pods behind it, whether they did:
 * which workload is behind which host, what a controller counted, and what follows. Who asks them is in stages/.
 */
import type { Resources } from '../../model/resources.ts';
import type {
  ControllerCount,
  ControllerName,
  CountedLoad,
  Receiver,
  SentToHost,
  Witness,
  WitnessedHosts,
} from '../../model/witness.ts';
import { grouped } from '../../text/numbers.ts';
import type { KubernetesObject } from '../manifests.ts';
import { type Backend, backendsOf, isPassedThrough, namingOf, workloadsBehind } from './backends.ts';

export interface Witnesses {
  /** What each side was sent in all, and what its controller counted meanwhile. */
  readonly loads: readonly CountedLoad[];
  /** What was sent in the window in which resources were measured. */
  readonly inWindow: readonly SentToHost[];
  /** The rendered objects of the application. */
  readonly objects: readonly KubernetesObject[];
  /** Null when they were not measured. */
  readonly resources: Resources | null;
}

/** Requests that do not matter: somebody's look by hand, a probe of before that was counted late. */
const slackOf = (requests: number): number => 10 + requests / 1000;

/**
 * Holds what was sent against what the ingress controller counted and what the pods behind it received.
 *
 * The generator's own figures can't tell who has answered. It is a doubt when
 * - answers came that the controller did not count: something else wrote them;
 * - the controller counted more than was sent, warm-up and repetitions included: somebody else sent requests, too;
 * - a workload behind a host that gave good answers received less than its requests are long: it never saw them.
 *
 * What can't be told is said and is no doubt.
 */
export function judgeWitnesses(witnesses: Witnesses): Witness {
  const groups = witnesses.loads.flatMap((load) => groupsOf(load, witnesses.objects));
  const receivers = receiversOf(witnesses);
  const besides = witnesses.loads.map(({ sent }) => sent.besides);
  return {
    besides: besides.some((count) => count === null)
      ? null
      : besides.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    hosts: groups.map(({ result, services }) => ({
      ...result,
      receivers: receivers
        .filter((receiver) => receiver.services.some((service) => services.includes(service)))
        .map(asReceiver),
    })),
    doubts: [...groups.flatMap(({ doubts }) => doubts), ...receivers.flatMap(doubtOf)],
    missing: [
      ...new Set([
        ...witnesses.loads.flatMap(({ controller }) => ('missing' in controller ? [controller.missing] : [])),
        ...groups.flatMap(({ missing }) => missing),
        ...missingReceivers(witnesses, receivers),
      ]),
    ],
  };
}

interface Group {
  readonly result: WitnessedHosts;
  /** As `namespace/name`. */
  readonly services: readonly string[];
  readonly doubts: readonly string[];
  readonly missing: readonly string[];
}

interface Routed {
  readonly target: SentToHost;
  readonly backends: readonly Backend[];
}

const keyOf = ({ namespace, service }: Backend): string => `${namespace}/${service}`;

/** The hosts of a load, those together that a controller does not tell apart. */
function groupsOf(load: CountedLoad, objects: readonly KubernetesObject[]): Group[] {
  const { sent, controller } = load;
  const routed = sent.hosts.map((target) => ({ target, backends: backendsOf(objects, target.host, target.path) }));
  const byHost =
    'missing' in controller ||
    (controller.counts.every(({ host }) => host !== undefined) && controller.name === 'ingress-nginx');
  return (byHost ? groupedBy(routed, sameHost) : groupedBy(routed, sameHostOrService)).map((members) =>
    groupOf(members, load, objects, byHost),
  );
}

const sameHost = (one: Routed, other: Routed): boolean => one.target.host === other.target.host;

const sameHostOrService = (one: Routed, other: Routed): boolean =>
  sameHost(one, other) || one.backends.some((backend) => other.backends.map(keyOf).includes(keyOf(backend)));

/** Puts all together that are alike, also by way of others. */
function groupedBy(all: readonly Routed[], alike: (one: Routed, other: Routed) => boolean): Routed[][] {
  return all.reduce<Routed[][]>((groups, one) => {
    const own = groups.filter((group) => group.some((other) => alike(one, other)));
    return [...groups.filter((group) => !own.includes(group)), [...own.flat(), one]];
  }, []);
}

function groupOf(
  members: readonly Routed[],
  { sent: { besides, highestRate }, controller }: CountedLoad,
  objects: readonly KubernetesObject[],
  byHost: boolean,
): Group {
  const hosts = [...new Set(members.map(({ target }) => target.host))];
  const backends = members.flatMap((member) => member.backends);
  const services = [...new Set(backends.map(keyOf))];
  const sent = members.reduce((sum, { target }) => sum + target.sent, 0);
  const answered = sumOf(members.map(({ target }) => target.statuses));
  const result = { hosts, sent, answered, counted: null, receivers: [] };
  if ('missing' in controller) return { result, services, doubts: [], missing: [] };
  const untold = hosts.flatMap((host) => {
    const why = isPassedThrough(objects, host)
      ? 'its TLS is handed on to the application, so that the controller sees no requests'
      : byHost
        ? whyNotByHost(host, controller.counts, objects)
        : whyNotByService(backends);
    return why === null ? [] : [`What the ingress controller counted of ${host} can't be told: ${why}.`];
  });
  if (untold.length > 0) return { result, services, doubts: [], missing: untold };
  if (controller.name === 'Traefik' && !areNamesKnown(controller.counts, objects)) {
    const shown = controller.counts[0]?.service ?? '';
    return {
      result,
      services,
      doubts: [],
      missing: [
        `What Traefik counted can't be told apart: it calls a Service ${shown}, which fits none of the manifests.`,
      ],
    };
  }
  const own = controller.counts.filter((count) =>
    byHost ? hosts.includes(count.host ?? '') : services.some((service) => isOf(count, service, controller.name)),
  );
  const counted = sumOf(own.map(({ status, requests }) => ({ [status]: requests })));
  const retried = members.map(({ target }) => target.retried);
  const known = besides !== null && retried.every((count) => count !== null);
  const most = known ? sent + besides + retried.reduce((sum, count) => sum + count, 0) : null;
  return {
    result: { ...result, counted },
    services,
    ...differences({
      hosts,
      answered,
      counted,
      sent,
      most,
      name: controller.name,
      highestRate,
      others: controller.counts.filter((count) => !own.includes(count)),
    }),
  };
}

/** Why ingress-nginx can't tell what it counted of a host; null when it can. */
function whyNotByHost(
  host: string,
  counts: readonly ControllerCount[],
  objects: readonly KubernetesObject[],
): string | null {
  const naming = namingOf(objects, host);
  if (naming === null) return 'no rule of an Ingress names it';
  // Any name under a wildcard would be a series of its own, so that the controller leaves them out unless it is told otherwise.
  return naming === 'wildcard' && !counts.some((count) => count.host === host)
    ? 'ingress-nginx counts the hosts of a wildcard only with --metrics-per-undefined-host'
    : null;
}

const whyNotByService = (backends: readonly Backend[]): string | null =>
  backends.length === 0 ? 'no rule leads it to a Service that is known here' : null;

const sumOf = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const record of records)
    for (const [status, count] of Object.entries(record)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
};

const total = (record: Readonly<Record<string, number>>): number =>
  Object.values(record).reduce((sum, count) => sum + count, 0);

const providerOf = (service: string): string => /@([^@]*)$/.exec(service)?.[1] ?? '';

const hyphened = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '-');

/**
 * Whether a controller means this Service, `namespace/name`.
 *
 * Traefik has a hyphen for whatever is no letter or digit, and a form for each provider (seen with 3.7):
 * `NAMESPACE-NAME-PORT@kubernetes`, `NAMESPACE-INGRESS-NAME-PORT@kubernetesingressnginx`,
 * `httproute-…-svc-NAMESPACE-NAME-INDEX@kubernetesgateway`.
 */
function isOf({ service }: Pick<ControllerCount, 'service'>, wanted: string, name: ControllerName): boolean {
  if (name === 'ingress-nginx') return service === wanted;
  const label = hyphened(service.replace(/@[^@]*$/, ''));
  const provider = providerOf(service);
  const [namespace = '', ...rest] = wanted.split('/').map(hyphened);
  const own = rest.join('-');
  if (label === `${namespace}-${own}` || label.startsWith(`${namespace}-${own}-`)) return true;
  if (provider === 'kubernetesgateway') return `${label}-`.includes(`-svc-${namespace}-${own}-`);
  if (provider !== 'kubernetesingressnginx' || !label.startsWith(`${namespace}-`)) return false;
  // The name of the Ingress stands between, and is not empty.
  return label.indexOf(`-${own}-`, namespace.length + 1) > 0;
}

/** Whether the names that Traefik gives its Services are of a form that is known here; that of its oldest provider is. */
const areNamesKnown = (counts: readonly ControllerCount[], objects: readonly KubernetesObject[]): boolean =>
  counts.every(({ requests }) => requests === 0) ||
  counts.some(({ service }) => providerOf(service) === 'kubernetes') ||
  objects
    .filter(({ kind }) => kind === 'Service')
    .some(({ metadata }) =>
      counts.some((count) => isOf(count, `${metadata.namespace ?? 'default'}/${metadata.name}`, 'Traefik')),
    );

/** A worker of ingress-nginx tells of at most 10,000 requests a second and drops the rest (`--monitor-max-batch-size`). */
const MOST_COUNTED_PER_SECOND = 8000;

const isGood = (status: string): boolean => /^2/.test(status) || status === '304';

interface Compared {
  readonly hosts: readonly string[];
  readonly answered: Readonly<Record<string, number>>;
  readonly counted: Readonly<Record<string, number>>;
  readonly sent: number;
  /** The most that the controller can have been sent by the run; null when that is not known. */
  readonly most: number | null;
  readonly name: ControllerName;
  readonly highestRate: number;
  readonly others: readonly ControllerCount[];
}

function differences({
  hosts,
  answered,
  counted,
  sent,
  most,
  name,
  highestRate,
  others,
}: Compared): Pick<Group, 'doubts' | 'missing'> {
  const where = hosts.join(', ');
  // Traefik's count by Service lacks what it answers itself.
  const lacking = Object.entries(answered)
    .filter(([status]) => name === 'ingress-nginx' || isGood(status))
    .map(([status, count]) => ({ status, answered: count, lacks: Math.max(0, count - (counted[status] ?? 0)) }));
  const lacks = lacking.reduce((sum, one) => sum + one.lacks, 0);
  if (lacks > slackOf(sent)) {
    if (name === 'ingress-nginx' && highestRate > MOST_COUNTED_PER_SECOND && total(counted) > 0) {
      return {
        doubts: [],
        missing: [
          `ingress-nginx counts no more than 10,000 requests a second in each of its workers, so that its count of ${where} proves nothing.`,
        ],
      };
    }
    const worst = lacking
      .filter((one) => one.lacks > 0)
      .map(
        (one) =>
          `${grouped(one.answered)} with status ${one.status}, of which it counted ${grouped(counted[one.status] ?? 0)}`,
      );
    return {
      doubts: [
        `${name} did not count all answers of ${where}${name === 'ingress-nginx' ? '' : ' for the Service that its rules lead to'}: there were ${worst.join('; ')}. Something else answered.${insteadText(others)}`,
      ],
      missing: [],
    };
  }
  const surplus = most === null ? 0 : total(counted) - most;
  return surplus > slackOf(sent)
    ? {
        doubts: [
          `${name} counted ${grouped(total(counted))} requests for ${where}, but the load sent ${grouped(sent)}, and with warm-up and repetitions no more than ${grouped(most ?? 0)}: something else sent requests at the same time.`,
        ],
        missing: [],
      }
    : { doubts: [], missing: [] };
}

/** Who was counted in place of the Service. */
function insteadText(others: readonly ControllerCount[]): string {
  const byService = sumOf(others.map(({ service, requests }) => ({ [service]: requests })));
  const [most] = Object.entries(byService).sort(([, a], [, b]) => b - a);
  return most === undefined ? '' : ` Meanwhile it counted ${grouped(most[1])} requests for ${most[0]}.`;
}

interface FoundReceiver extends Receiver {
  readonly services: readonly string[];
  readonly hosts: readonly string[];
  /** Good answers that should have been its own. */
  readonly expected: number;
}

const asReceiver = ({ namespace, kind, name, receivedBytes }: FoundReceiver): Receiver => ({
  namespace,
  kind,
  name,
  receivedBytes,
});

/** The workloads behind the hosts, each once. */
function receiversOf({ loads, inWindow, objects, resources }: Witnesses): FoundReceiver[] {
  const found = new Map<string, FoundReceiver>();
  const add = (target: SentToHost, measured: boolean): void => {
    for (const backend of backendsOf(objects, target.host, target.path)) {
      for (const { namespace, kind, name, share } of workloadsBehind(objects, backend)) {
        const key = `${namespace}/${kind}/${name}`;
        const known = found.get(key);
        found.set(key, {
          namespace,
          kind,
          name,
          receivedBytes:
            known === undefined ? receivedBytes(resources, { namespace, kind, name }) : known.receivedBytes,
          services: [...new Set([...(known?.services ?? []), keyOf(backend)])],
          hosts: [...new Set([...(known?.hosts ?? []), target.host])],
          expected: (known?.expected ?? 0) + (measured ? goodOf(target) * backend.share * share : 0),
        });
      }
    }
  };
  for (const { sent } of loads) for (const target of sent.hosts) add(target, false);
  for (const target of inWindow) add(target, true);
  return [...found.values()];
}

const goodOf = ({ statuses }: SentToHost): number =>
  Object.entries(statuses).reduce((sum, [status, count]) => sum + (isGood(status) ? count : 0), 0);

function receivedBytes(
  resources: Resources | null,
  wanted: Pick<Receiver, 'namespace' | 'kind' | 'name'>,
): number | null {
  if (resources === null) return null;
  const seconds = (Date.parse(resources.endedAt) - Date.parse(resources.startedAt)) / 1000;
  const workload = resources.workloads.find(
    ({ namespace, kind, name }) => namespace === wanted.namespace && kind === wanted.kind && name === wanted.name,
  );
  const rate = workload?.networkReceivedBytesPerSecond.value ?? null;
  return rate === null ? null : rate * seconds;
}

/** Less than the shortest request is long, with the headers of its packet; probes of the kubelet may come to as much. */
const LEAST_BYTES = 40;
/** Fewer requests than these may all have gone to another pod. */
const ENOUGH_REQUESTS = 20;

function doubtOf({ namespace, kind, name, hosts, expected, receivedBytes: bytes }: FoundReceiver): string[] {
  if (bytes === null || expected < ENOUGH_REQUESTS || bytes >= expected * LEAST_BYTES) return [];
  return [
    `${kind} ${namespace}/${name} is behind ${hosts.join(', ')}, where about ${grouped(Math.round(expected))} good answers should be its own, but its pods received only ${grouped(Math.round(bytes))} bytes: something else answered.`,
  ];
}

function missingReceivers({ inWindow, objects, resources }: Witnesses, receivers: readonly FoundReceiver[]): string[] {
  if (resources === null)
    return [
      "What the pods received was not measured (by Prometheus, in read-resources), so they can't confirm the load.",
    ];
  const unrouted = inWindow.filter(({ host, path }) => {
    const backends = backendsOf(objects, host, path);
    return backends.length === 0 || backends.every((backend) => workloadsBehind(objects, backend).length === 0);
  });
  return [
    ...unrouted.map(
      ({ host }) => `Which pods are behind ${host} can't be told from the manifests, so they can't confirm the load.`,
    ),
    ...receivers
      .filter(({ receivedBytes: bytes, expected }) => bytes === null && expected > 0)
      .map(
        ({ kind, namespace, name }) =>
          `What the pods of ${kind} ${namespace}/${name} received is not known, so they can't confirm the load.`,
      ),
  ];
}
