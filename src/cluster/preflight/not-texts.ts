import { describeObject } from '../manifest-entries.ts';
import { isOfKubernetes, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { fault, type Finding, shortList } from './finding.ts';

/** A value where Kubernetes only accepts a string. */
interface Place {
  /** As messages name it: `the annotation prometheus.io/scrape`. */
  readonly what: string;
  readonly value: unknown;
}

/**
 * Numbers and booleans where Kubernetes wants a string, as in `prometheus.io/scrape: true` or `value: 8080`: the API
 * server refuses the object, whatever else is in it.
 */
export const notTexts = (objects: readonly KubernetesObject[]): Finding[] =>
  objects.flatMap((object) => {
    const wrong = placesIn(object).filter(({ value }) => typeof value !== 'string');
    if (wrong.length === 0) return [];
    const shown = wrong.map(({ what, value }) => `${what} is ${shownValue(value)}`);
    const end = wrong.length === 1 ? 'which is not a string' : 'which are not strings';
    return [
      fault(`${describeObject(object)}: ${shortList(shown)}, ${end}. Kubernetes refuses that: put it in quotes.`),
    ];
  });

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : 'a mapping';
}

function placesIn(object: KubernetesObject): Place[] {
  const { labels, annotations } = object.metadata;
  return [
    ...entriesOf('the label', labels),
    ...entriesOf('the annotation', annotations),
    ...(isOfKubernetes(object) ? ofKubernetes(object) : []),
  ];
}

function ofKubernetes(object: KubernetesObject): Place[] {
  const spec = recordOf(object['spec']);
  const pods = podTemplateOf(object);
  return [
    ...(object.kind === 'ConfigMap' || object.kind === 'Secret'
      ? [...entriesOf('the key', object['data']), ...entriesOf('the key', object['stringData'])]
      : []),
    ...(object.kind === 'Service' ? entriesOf('the selector', spec['selector']) : []),
    ...entriesOf('the selector', recordOf(spec['selector'])['matchLabels']),
    ...(pods === null
      ? []
      : ofPods(pods.spec, object.kind === 'Pod' ? {} : recordOf(recordOf(spec['template'])['metadata']))),
  ];
}

const ofPods = (spec: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, unknown>>): Place[] =>
  [
    ...entriesOf('the label of its pods', metadata['labels']),
    ...entriesOf('the annotation of its pods', metadata['annotations']),
    ...entriesOf('the nodeSelector', spec['nodeSelector']),
    ...[...recordsIn(spec['initContainers']), ...recordsIn(spec['containers'])].flatMap((container) => [
      ...recordsIn(container['env']).map(({ name, value }) => ({ what: `the variable ${String(name)}`, value })),
      ...itemsOf(`the command of container ${String(container['name'])}`, container['command']),
      ...itemsOf(`an argument of container ${String(container['name'])}`, container['args']),
    ]),
  ].filter(({ value }) => value !== undefined && value !== null);

/** What is null is not given. */
const entriesOf = (what: string, fields: unknown): Place[] =>
  Object.entries(recordOf(fields)).flatMap(([name, value]) =>
    value === null ? [] : [{ what: `${what} ${name}`, value }],
  );

const itemsOf = (what: string, list: unknown): Place[] =>
  Array.isArray(list) ? list.map((value: unknown) => ({ what, value })) : [];
