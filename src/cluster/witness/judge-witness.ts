/**
 * witness/ checks whether the ingress controller and the pods behind it saw the load: which workload is behind which
 * host, what a controller counted, and what follows from that. The stages read the counters.
 */
import type {
  ControllerCount,
  ControllerName,
  CountedLoad,
  SentToHost,
  Witness,
  WitnessedHosts,
} from '../../model/witness.ts';
import { grouped } from '../../text/numbers.ts';
import type { KubernetesObject } from '../manifests.ts';
import { type Backend, backendsOf, isPassedThrough, namingOf, serviceKey } from './backends.ts';
import { asReceiver, doubtOf, isGood, missingReceivers, receiversOf } from './receivers.ts';
import { areNamesKnown, isNameOf } from './service-names.ts';
import type { Witnesses } from './witnesses.ts';

/** Requests that do not matter: someone's manual request, or an earlier probe that was counted late. */
const slackOf = (requests: number): number => 10 + requests / 1000;

/**
 * Holds what was sent against what the ingress controller counted and what the pods behind it received.
 *
 * The generator's own figures can't tell who has answered. It is a doubt when
 * - answers came that the controller did not count: something else wrote them;
 * - the controller counted more than was sent, warm-up and repetitions included: somebody else sent requests, too;
 * - a workload behind a host that gave good answers received less than its requests are long: it never saw them.
 *
 * What can't be told is reported, and is not a doubt.
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

/** The hosts of a load, grouped if a controller can't tell them apart. */
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
  sameHost(one, other) || one.backends.some((backend) => other.backends.map(serviceKey).includes(serviceKey(backend)));

/** Groups everything that is connected, directly or indirectly. */
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
  const services = [...new Set(backends.map(serviceKey))];
  const sent = members.reduce((sum, { target }) => sum + target.sent, 0);
  const answered = sumOf(members.map(({ target }) => target.statuses));
  const result = { hosts, sent, answered, counted: null, receivers: [] };
  if ('missing' in controller) return { result, services, doubts: [], missing: [] };
  const untold = hosts.flatMap((host) => {
    const why = isPassedThrough(objects, host)
      ? 'its TLS is passed through to the application, so the controller sees no requests'
      : byHost
        ? whyNotByHost(host, controller.counts, objects)
        : whyNotByService(backends);
    return why === null ? [] : [`The ingress controller's count for ${host} is not known: ${why}.`];
  });
  if (untold.length > 0) return { result, services, doubts: [], missing: untold };
  if (controller.name === 'Traefik' && !areNamesKnown(controller.counts, objects)) {
    const shown = controller.counts[0]?.service ?? '';
    return {
      result,
      services,
      doubts: [],
      missing: [
        `Traefik's counts can't be assigned: it names a Service ${shown}, which matches none in the manifests.`,
      ],
    };
  }
  const own = controller.counts.filter((count) =>
    byHost ? hosts.includes(count.host ?? '') : services.some((service) => isNameOf(count, service, controller.name)),
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

/** Why ingress-nginx's count for a host is not known; null when it is. */
function whyNotByHost(
  host: string,
  counts: readonly ControllerCount[],
  objects: readonly KubernetesObject[],
): string | null {
  const naming = namingOf(objects, host);
  if (naming === null) return 'no rule of an Ingress names it';
  // Any name under a wildcard would be a series of its own, so that the controller leaves them out unless it is told
  // otherwise.
  return naming === 'wildcard' && !counts.some((count) => count.host === host)
    ? 'ingress-nginx counts the hosts of a wildcard only with --metrics-per-undefined-host'
    : null;
}

const whyNotByService = (backends: readonly Backend[]): string | null =>
  backends.length === 0 ? 'no rule leads it to a known Service' : null;

const sumOf = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const record of records)
    for (const [status, count] of Object.entries(record)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
};

const total = (record: Readonly<Record<string, number>>): number =>
  Object.values(record).reduce((sum, count) => sum + count, 0);

/**
 * A worker of ingress-nginx tells of at most 10,000 requests a second and drops the rest (`--monitor-max-batch-size`).
 */
const MOST_COUNTED_PER_SECOND = 8000;

interface Compared {
  readonly hosts: readonly string[];
  readonly answered: Readonly<Record<string, number>>;
  readonly counted: Readonly<Record<string, number>>;
  readonly sent: number;
  /** The maximum that the run can have sent to the controller; null when not known. */
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
  // Traefik's count by Service does not include its own answers.
  const lacking = Object.entries(answered)
    .filter(([status]) => name === 'ingress-nginx' || isGood(status))
    .map(([status, count]) => ({ status, answered: count, lacks: Math.max(0, count - (counted[status] ?? 0)) }));
  const lacks = lacking.reduce((sum, one) => sum + one.lacks, 0);
  if (lacks > slackOf(sent)) {
    if (name === 'ingress-nginx' && highestRate > MOST_COUNTED_PER_SECOND && total(counted) > 0) {
      return {
        doubts: [],
        missing: [
          `ingress-nginx counts at most 10,000 requests a second per worker, so its count of ${where} proves nothing.`,
        ],
      };
    }
    const worst = lacking
      .filter((one) => one.lacks > 0)
      .map(
        (one) =>
          `${grouped(one.answered)} with status ${one.status}, but it counted ${grouped(counted[one.status] ?? 0)}`,
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
          `${name} counted ${grouped(total(counted))} requests for ${where}, but the load sent ${grouped(sent)}, at most ${grouped(most ?? 0)} with warm-up and retries: something else sent requests at the same time.`,
        ],
        missing: [],
      }
    : { doubts: [], missing: [] };
}

/** What was counted instead of the Service. */
function insteadText(others: readonly ControllerCount[]): string {
  const byService = sumOf(others.map(({ service, requests }) => ({ [service]: requests })));
  const [most] = Object.entries(byService).sort(([, a], [, b]) => b - a);
  return most === undefined ? '' : ` Meanwhile it counted ${grouped(most[1])} requests for ${most[0]}.`;
}
