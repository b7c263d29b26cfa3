import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';

/** The ConfigMap of the bundled ingress-nginx. */
const NGINX_CONFIG = 'ingress-nginx-controller';

/** Traefik's entry points that requests come in by. */
const ENTRY_POINTS = /^--entryPoints\.(web|websecure)\.address=/;

/**
 * The objects of a bundled controller that passes the header X-Forwarded-Host on unchanged, instead of the host that
 * it was asked by. In a comparison of versions that one is a name of the run, and the header has the name that the user
 * gave; nobody but the load generator sends requests.
 */
export const handingForwardedHostOn = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.map((object) => {
    if (object.kind === 'ConfigMap' && object.metadata.name === NGINX_CONFIG)
      return { ...object, data: { ...recordOf(object['data']), 'use-forwarded-headers': 'true' } };
    return object.kind === 'Deployment' ? withTrust(object) : object;
  });

function withTrust(object: KubernetesObject): KubernetesObject {
  const spec = recordOf(object['spec']);
  const template = recordOf(spec['template']);
  const pod = recordOf(template['spec']);
  const containers = recordsIn(pod['containers']).map((container) => {
    const args = Array.isArray(container['args']) ? container['args'].filter((arg) => typeof arg === 'string') : [];
    const names = args.flatMap((arg) => ENTRY_POINTS.exec(arg)?.[1] ?? []);
    if (names.length === 0) return container;
    return {
      ...container,
      args: [...args, ...names.map((name) => `--entryPoints.${name}.forwardedHeaders.insecure=true`)],
    };
  });
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...pod, containers } } } };
}
