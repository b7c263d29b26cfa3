import { expect, test } from '@jest/globals';
import { refuseUnknownServices, serviceSubnetsIn } from '../../src/cluster/service-subnets.ts';

const config = (networking: string): object => ({
  data: { ClusterConfiguration: `apiVersion: kubeadm.k8s.io/v1beta4\nnetworking:\n${networking}scheduler: {}\n` },
});

test.each([
  [config('  dnsDomain: cluster.local\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16\n'), ['10.96.0.0/16']],
  [config('  serviceSubnet: "10.96.0.0/16,fd00:10:96::/112"\n'), ['10.96.0.0/16', 'fd00:10:96::/112']],
  [config('  podSubnet: 10.244.0.0/16\n'), []],
  [config('  serviceSubnet: $(reboot)\n'), []],
  [{ data: {} }, []],
  [null, []],
])('the ranges of Services are those that kubeadm was told: %j', (configMap, subnets) => {
  expect(serviceSubnetsIn(configMap)).toEqual(subnets);
});

test('a node is told once, by the tool for that kind of address', () => {
  expect(refuseUnknownServices('10.96.0.0/16')).toEqual([
    'sh',
    '-c',
    'iptables --wait --check FORWARD --destination 10.96.0.0/16 --jump REJECT 2>/dev/null || iptables --wait --insert FORWARD --destination 10.96.0.0/16 --jump REJECT',
  ]);
  expect(refuseUnknownServices('fd00::/112')[2]).toMatch(/^ip6tables .* \|\| ip6tables /);
});
