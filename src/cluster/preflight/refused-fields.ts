import { describeObject } from '../manifest-entries.ts';
import { isOfKubernetes, isRecord, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { fitsSelector } from '../selectors.ts';
import { fault, type Finding, shortList } from './finding.ts';

type Fields = Readonly<Record<string, unknown>>;

/** RFC 1123, as most names have to be; some are one label. */
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Roles and their bindings may have nearly any name: the parts of it stand in a path alone. */
const OF_PATHS = /^(?:Cluster)?Role(?:Binding)?$/;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 253;

/** What etcd takes of a ConfigMap or Secret. */
const MOST_BYTES = 1_048_576;

/** Workloads whose selector has to choose the pods of their template. */
const SELECTING: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** What the API server of every cluster refuses, whatever else is there. */
export const refusedFields = (objects: readonly KubernetesObject[]): Finding[] =>
  objects.flatMap((object) => {
    const found = [
      ...nameFaults(object),
      ...(isOfKubernetes(object)
        ? [...selectorFaults(object), ...sizeFaults(object), ...numberFaults(object), ...hostFaults(object)]
        : []),
    ];
    return found.map((why) => fault(`${describeObject(object)}: ${why}`));
  });

function nameFaults({ kind, apiVersion, metadata }: KubernetesObject): string[] {
  const { name } = metadata;
  if (OF_PATHS.test(kind)) return [];
  const isLabel = apiVersion === 'v1' && (kind === 'Service' || kind === 'Namespace');
  if ((isLabel ? LABEL : SUBDOMAIN).test(name) && name.length <= (isLabel ? LONGEST_LABEL : LONGEST_NAME)) return [];
  return [
    `its name is none that Kubernetes takes. It may hold lower-case letters, digits and hyphens${isLabel ? `, at most ${String(LONGEST_LABEL)}` : ', and dots between them'}.`,
  ];
}

function selectorFaults({ kind, spec }: KubernetesObject): string[] {
  if (!SELECTING.has(kind)) return [];
  const { selector, template } = recordOf(spec);
  const labels = recordOf(recordOf(recordOf(template)['metadata'])['labels']);
  if (!isRecord(template) || !isRecord(selector) || fitsSelector(selector, labels)) return [];
  return [
    `its spec.selector does not choose the pods of its own template, which have ${labelText(labels)}. Give both the same labels.`,
  ];
}

const labelText = (labels: Fields): string => {
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${String(value)}`);
  return shown.length === 0 ? 'no labels' : `the labels ${shortList(shown)}`;
};

function sizeFaults({ kind, data, binaryData, stringData }: KubernetesObject): string[] {
  if (kind !== 'ConfigMap' && kind !== 'Secret') return [];
  const plain = [stringData, ...(kind === 'ConfigMap' ? [data] : [])];
  const encoded = [binaryData, ...(kind === 'Secret' ? [data] : [])];
  const sum = (contents: readonly unknown[], encoding: BufferEncoding): number =>
    contents
      .flatMap((content) => Object.values(recordOf(content)))
      .reduce<number>((total, text) => total + (typeof text === 'string' ? Buffer.byteLength(text, encoding) : 0), 0);
  const bytes = sum(plain, 'utf8') + sum(encoded, 'base64');
  return bytes <= MOST_BYTES
    ? []
    : [
        `it holds ${(bytes / MOST_BYTES).toFixed(2)} MiB, and Kubernetes takes 1 MiB. Divide it, or put the files into the image or a volume.`,
      ];
}

/**
 * A host of a rule is a name in lower case, which may begin with a wildcard; placeholders of examples are often none.
 */
function hostFaults({ kind, spec }: KubernetesObject): string[] {
  const { rules, hostnames } = recordOf(spec);
  const hosts = [
    ...(kind === 'Ingress' ? recordsIn(rules).map(({ host }) => host) : []),
    ...(kind === 'HTTPRoute' && Array.isArray(hostnames) ? (hostnames as unknown[]) : []),
  ];
  return hosts
    .filter((host) => typeof host === 'string')
    .filter((host) => host !== '' && !SUBDOMAIN.test(host.replace(/^\*\./, '')))
    .map(
      (host) =>
        `${JSON.stringify(host)} is not a host that Kubernetes accepts: write a name in lower case, without scheme, port and path.`,
    );
}

/** Numbers in quotes, as templates often write them. */
function numberFaults(object: KubernetesObject): string[] {
  const quoted = numbersIn(object).filter(({ value }) => typeof value === 'string');
  const wrong = quoted.map(({ what, value }) => `${what} is ${JSON.stringify(value)}`);
  const names = portNamesIn(object).filter(({ value }) => typeof value === 'string' && /^\d+$/.test(value));
  return [
    ...(wrong.length === 0 ? [] : [`${shortList(wrong)}, where Kubernetes wants a number: leave the quotes out.`]),
    ...(names.length === 0
      ? []
      : [
          `${shortList(names.map(({ what, value }) => `${what} is ${JSON.stringify(value)}`))}, which is taken for the name of a port: leave the quotes out.`,
        ]),
  ];
}

interface Place {
  readonly what: string;
  readonly value: unknown;
}

function numbersIn({ kind, spec, ...object }: KubernetesObject): Place[] {
  const { replicas, minReplicas, maxReplicas, ports, rules } = recordOf(spec);
  const containers = containersOf({ kind, spec, ...object });
  return [
    { what: 'spec.replicas', value: replicas },
    { what: 'spec.minReplicas', value: minReplicas },
    { what: 'spec.maxReplicas', value: maxReplicas },
    ...(kind === 'Service' ? recordsIn(ports).flatMap((each) => fieldsOf('a port', each, 'port', 'nodePort')) : []),
    ...(kind === 'Ingress'
      ? recordsIn(rules)
          .flatMap(({ http }) => recordsIn(recordOf(http)['paths']))
          .flatMap(({ backend }) =>
            fieldsOf('a backend', recordOf(recordOf(recordOf(backend)['service'])['port']), 'number'),
          )
      : []),
    ...containers.flatMap((container) =>
      recordsIn(container['ports']).flatMap((each) =>
        fieldsOf(`a port of container ${String(container['name'])}`, each, 'containerPort', 'hostPort'),
      ),
    ),
  ];
}

/** Ports that are given by number or name. */
function portNamesIn({ kind, spec, ...object }: KubernetesObject): Place[] {
  const containers = containersOf({ kind, spec, ...object });
  return [
    ...(kind === 'Service'
      ? recordsIn(recordOf(spec)['ports']).flatMap((each) => fieldsOf('a port', each, 'targetPort'))
      : []),
    ...containers.flatMap((container) =>
      ['readinessProbe', 'livenessProbe', 'startupProbe'].flatMap((probe) =>
        ['httpGet', 'tcpSocket'].flatMap((way) =>
          fieldsOf(
            `the ${probe} of container ${String(container['name'])}`,
            recordOf(recordOf(container[probe])[way]),
            'port',
          ),
        ),
      ),
    ),
  ];
}

function containersOf(object: KubernetesObject): readonly Fields[] {
  const pods = podTemplateOf(object);
  return pods === null ? [] : [...recordsIn(pods.spec['initContainers']), ...recordsIn(pods.spec['containers'])];
}

const fieldsOf = (of: string, fields: Fields, ...names: readonly string[]): Place[] =>
  names.map((name) => ({ what: `${name} of ${of}`, value: fields[name] }));
