import { z } from 'zod';

const kubeadmConfig = z.object({ data: z.object({ ClusterConfiguration: z.string() }) });

/**
 * The ranges that Services get their addresses from: one, or one of IPv4 and one of IPv6.
 *
 * @param configMap `kubeadm-config` of namespace `kube-system`, in which kubeadm keeps what it was told.
 * @returns none when it says nothing of them.
 */
export function serviceSubnetsIn(configMap: unknown): string[] {
  const { data: { data } = { data: { ClusterConfiguration: '' } } } = kubeadmConfig.safeParse(configMap);
  const given = /^\s*serviceSubnet:\s*["']?([\da-f.:/,]+)/im.exec(data.ClusterConfiguration)?.[1] ?? '';
  return given.split(',').filter((subnet) => subnet !== '');
}

/**
 * A command for a node that refuses what goes to an address of a Service that the node does not know, and would
 * otherwise leave the cluster for an address that nobody there has. Addresses that it knows are those of pods by then.
 *
 * kube-proxy writes its rules in two steps when the first pod of a Service is ready: what refuses a Service without
 * pods goes before what leads to the pod comes. A connection in between is never answered, or answered by whoever is
 * outside.
 */
export function refuseUnknownServices(subnet: string): string[] {
  const tables = subnet.includes(':') ? 'ip6tables' : 'iptables';
  const rule = `FORWARD --destination ${subnet} --jump REJECT`;
  return ['sh', '-c', `${tables} --wait --check ${rule} 2>/dev/null || ${tables} --wait --insert ${rule}`];
}
