import { describe, expect, test } from '@jest/globals';
import { printedCause } from '../../src/cluster/failure-texts.ts';

/** As they stand in logs of Docker, containerd, kind and kubelets. */
describe('what a tool printed', () => {
  const table = [
    ['disk-full', 'failed to register layer: write /usr/local/bin/kubelet: no space left on device'],
    [
      'disk-full',
      'ERROR: failed to create cluster: failed to pull image "kindest/node:v1.35.8": command "docker pull kindest/node:v1.35.8" failed with error: exit status 1\nCommand Output: write /var/lib/docker/tmp/GetImageBlob1: no space left on device',
    ],
    [
      'disk-full',
      'failed to pull and unpack image "docker.io/library/shop:1": failed to copy: write /var/lib/containerd/io.containerd.content.v1.content/ingest/1/data: no space left on device',
    ],
    ['disk-full', 'docker: Error response from daemon: mkdir /var/lib/docker/overlay2/1-init: disk quota exceeded.'],
    [
      'disk-full',
      '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }. preemption: 0/3 nodes are available.',
    ],
    [
      'disk-full',
      'The node was low on resource: ephemeral-storage. Threshold quantity: 1073741824, available: 901332Ki.',
    ],
    [null, 'failed to create fsnotify watcher: no space left on device'],
    [null, 'failed to create inotify watch: no space left on device'],
    [null, 'mkdir /sys/fs/cgroup/memory/docker/1: no space left on device'],
    [
      'docker-unreachable',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ],
    ['docker-unreachable', 'error during connect: Post "http://docker/v1.51/images/create": EOF'],
    [
      'registry-rate-limit',
      'Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    ],
    [
      'registry-rate-limit',
      'failed to pull and unpack image "docker.io/library/shop:1": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/shop/manifests/sha256:1: 429 Too Many Requests',
    ],
    [
      'port-in-use',
      'docker: Error response from daemon: driver failed programming external connectivity on endpoint lt-control-plane: Bind for 127.0.0.1:80 failed: port is already allocated.',
    ],
    ['port-in-use', 'failed to bind host port for 127.0.0.1:80:172.18.0.2:80/tcp: address already in use'],
    [
      'network-pool',
      'Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    ],
    ['network-pool', 'Error response from daemon: all predefined address pools have been fully subnetted'],
    [
      'image-pull',
      'Error response from daemon: manifest for kindest/node:v0 not found: manifest unknown: manifest unknown',
    ],
    [
      'image-pull',
      'failed to pull and unpack image "docker.io/library/shop@sha256:4290000000000000000000000000000000000000000000000000000000000429": failed to resolve reference: not found',
    ],
    ['image-pull', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
    [null, 'failed to init node with kubeadm: command "docker exec" failed with error: exit status 1'],
    [null, ''],
  ] as const;

  test.each(table)('means %j: %s', (cause, said) => {
    expect(printedCause(said)).toBe(cause);
  });
});
