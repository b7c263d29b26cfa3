import type { ControllerCount, ControllerName } from '../../model/witness.ts';
import type { KubernetesObject } from '../manifests.ts';

const providerOf = (service: string): string => /@([^@]*)$/.exec(service)?.[1] ?? '';

const hyphened = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '-');

/**
 * Whether a controller means this Service by its name.
 *
 * Traefik has a hyphen for whatever is not a letter or digit, and a form for each provider (seen with 3.7):
 * `NAMESPACE-NAME-PORT@kubernetes`, `NAMESPACE-INGRESS-NAME-PORT@kubernetesingressnginx`,
 * `httproute-…-svc-NAMESPACE-NAME-INDEX@kubernetesgateway`.
 *
 * @param wanted the Service as `namespace/name`.
 */
export function isNameOf({ service }: Pick<ControllerCount, 'service'>, wanted: string, name: ControllerName): boolean {
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

/**
 * Whether the names that Traefik gives its Services are of a form that is known here; that of its oldest provider is.
 */
export const areNamesKnown = (counts: readonly ControllerCount[], objects: readonly KubernetesObject[]): boolean =>
  counts.every(({ requests }) => requests === 0) ||
  counts.some(({ service }) => providerOf(service) === 'kubernetes') ||
  objects
    .filter(({ kind }) => kind === 'Service')
    .some(({ metadata }) =>
      counts.some((count) => isNameOf(count, `${metadata.namespace ?? 'default'}/${metadata.name}`, 'Traefik')),
    );
