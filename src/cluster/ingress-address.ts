import { z } from 'zod';
import type { Endpoint } from '../model/endpoint.ts';
import type { Observation } from '../wait.ts';
import { answerOf } from '../model/answer.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/**
 * Reads `10.0.0.5`, `lb.example.com:8080` or `[2001:db8::1]:80`; the port is 80 when none is given.
 *
 * @returns null for anything else.
 */
export function parseAddress(text: string): Endpoint | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? HTTP_PORT);
  return address === undefined || port < 1 || port > 65_535 ? null : { address, port };
}

const loadBalancer = z
  .object({ ingress: z.array(z.object({ ip: z.string().optional(), hostname: z.string().optional() })).default([]) })
  .default({ ingress: [] });

const exposedSchema = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string() }),
      spec: z
        .object({
          type: z.string().default(''),
          ports: z
            .array(z.object({ name: z.string().default(''), port: z.number(), nodePort: z.number().default(0) }))
            .default([]),
        })
        .prefault({}),
      status: z.object({ loadBalancer }).prefault({}),
    }),
  ),
});
export type Exposed = z.infer<typeof exposedSchema>['items'];

/** @throws StageError `unexpected-answer` for anything that is not a list of Ingresses and Services. */
export const parseExposed = (json: unknown): Exposed =>
  answerOf('The API server, asked for Services,', exposedSchema, json).items;

const nodesSchema = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) })
        .prefault({}),
    }),
  ),
});

/** The address of the first node, that for outsiders before the internal one; null when it has none. */
export function nodeAddress(json: unknown): string | null {
  const addresses = answerOf('The API server, asked for nodes,', nodesSchema, json).items[0]?.status.addresses ?? [];
  const of = (type: string): string | undefined => addresses.find((one) => one.type === type)?.address;
  return of('ExternalIP') ?? of('InternalIP') ?? null;
}

/** A Service of type NodePort whose node is still to be found. */
export interface NodePort {
  readonly nodePort: number;
  /** That for HTTPS; null where the Service has none. */
  readonly httpsNodePort: number | null;
}

/** An address with the port for HTTPS beside that for HTTP; null where none is known. */
interface FoundAddress {
  readonly address: string;
  readonly port: number;
  readonly httpsPort: number | null;
}

/**
 * The port for HTTPS of an ingress whose port for HTTP was given: that of every server where the other one is so, too.
 */
export const httpsPortBeside = (port: number): number | null => (port === HTTP_PORT ? HTTPS_PORT : null);

type Ports = Exposed[number]['spec']['ports'];

const isHttps = ({ name, port }: Ports[number]): boolean =>
  port === HTTPS_PORT || /^(https|websecure)(-|$)|-https$/.test(name);

/**
 * The port for HTTP and the port for HTTPS of a Service; of one with a single port that is the first one, whatever it
 * is.
 */
const portsOf = (ports: Ports): { http: Ports[number] | undefined; https: Ports[number] | undefined } => ({
  http: ports.find((port) => !isHttps(port)) ?? ports[0],
  https: ports.find(isHttps),
});

/**
 * Where the objects of a namespace can be reached: what the controller wrote into an Ingress, else the
 * load balancer of a Service, else the port of a Service on every node.
 */
export function observeAddress(objects: Exposed): Observation<FoundAddress | NodePort> {
  const ingresses = objects.filter(({ kind }) => kind === 'Ingress');
  const balanced = objects.filter(({ kind, spec }) => kind === 'Service' && spec.type === 'LoadBalancer');
  for (const { kind, status, spec } of [...ingresses, ...balanced]) {
    const [entry] = status.loadBalancer.ingress;
    const address = entry?.ip ?? entry?.hostname;
    if (address === undefined) continue;
    if (kind === 'Ingress') return { ready: true, value: { address, port: HTTP_PORT, httpsPort: HTTPS_PORT } };
    const { http, https } = portsOf(spec.ports);
    return { ready: true, value: { address, port: http?.port ?? HTTP_PORT, httpsPort: https?.port ?? null } };
  }
  const [first] = ingresses;
  if (first !== undefined)
    return { ready: false, why: `no controller has set an address on Ingress ${first.metadata.name}` };
  const [pending] = balanced;
  if (pending !== undefined)
    return { ready: false, why: `Service ${pending.metadata.name} has no load balancer address yet` };
  const { http, https } = portsOf(
    objects.find(({ kind, spec }) => kind === 'Service' && spec.type === 'NodePort')?.spec.ports ?? [],
  );
  const nodePort = http?.nodePort ?? 0;
  if (nodePort > 0) return { ready: true, value: { nodePort, httpsNodePort: https?.nodePort ?? null } };
  return { ready: false, why: 'there is no Ingress, and no Service of type LoadBalancer or NodePort' };
}
