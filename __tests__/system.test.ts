import { describe, expect, test } from '@jest/globals';
import { onLoopback } from '../src/model/endpoint.ts';
import {
  clusterIn,
  type EchoSystem,
  type ExistingCluster,
  ingressIn,
  isLeft,
  kubectlContext,
  madeIn,
  namespaceOption,
  type OwnCluster,
  type System,
} from '../src/system.ts';
import { CLUSTER, echoAt } from './fakes/state.ts';

const OWN: OwnCluster = { ...CLUSTER, name: 'lt-1', ingress: onLoopback(8080) };
const EXISTING: ExistingCluster = {
  kind: 'existing',
  kubeconfig: '/home/user/.kube/config',
  context: 'staging',
  namespace: 'lt-2',
  ingress: { address: 'lb.example.com', port: 443 },
  outside: [],
  deletedAt: null,
};
const ECHO: EchoSystem = echoAt(1234);

describe('requests go', () => {
  const cases: { where: string; system: System; head: number | undefined; base: number | undefined }[] = [
    { where: 'to the one ingress of an own cluster', system: OWN, head: 8080, base: 8080 },
    {
      where: 'to the controller of each side',
      system: { ...OWN, baselineIngress: onLoopback(8081) },
      head: 8080,
      base: 8081,
    },
    { where: 'to the ingress of an existing cluster', system: EXISTING, head: 443, base: 443 },
    { where: 'to the echo services', system: ECHO, head: 1234, base: 1234 },
    { where: 'nowhere before a cluster is up', system: { ...OWN, ingress: null }, head: undefined, base: undefined },
    { where: 'nowhere before they are started', system: { ...ECHO, ingress: null }, head: undefined, base: undefined },
  ];
  test.each(cases)('$where', ({ system, head, base }) => {
    expect([ingressIn(system, 'head')?.port, ingressIn(system, 'base')?.port]).toEqual([head, base]);
  });
});

test('kubectl looks at all of an own cluster, and only at the namespace of the run in one of others', () => {
  expect([namespaceOption(OWN), kubectlContext(OWN)]).toEqual(['--all-namespaces', undefined]);
  expect([namespaceOption(EXISTING), kubectlContext(EXISTING)]).toEqual(['--namespace=lt-2', 'staging']);
});

test('echo services are no cluster', () => {
  expect([null, ECHO, OWN, EXISTING].map(clusterIn)).toEqual([null, null, OWN, EXISTING]);
});

test.each([
  { system: OWN, made: 'cluster lt-1', left: true },
  { system: EXISTING, made: 'namespace lt-2', left: true },
  { system: { ...OWN, deletedAt: '2026-11-23T10:00:00.000Z' }, made: 'cluster lt-1', left: false },
  { system: { ...EXISTING, deletedAt: '2026-11-23T10:00:00.000Z' }, made: 'namespace lt-2', left: false },
  // The step that made it removes it.
  { system: { ...OWN, reused: true }, made: 'cluster lt-1', left: false },
])('the end of the run removes $made: $left', ({ system, made, left }) => {
  expect([madeIn(system), isLeft(system)]).toEqual([made, left]);
});
