import grpc from 'k6/net/grpc';
import { check } from 'k6';

const client = new grpc.Client();

export const options = {
  vus: 2,
  duration: '3s',
  thresholds: { grpc_req_duration: ['p(95)<500'], checks: ['rate>0.9'] },
};

export default function () {
  if (__ITER === 0) client.connect(__ENV.TARGET, { plaintext: true, reflect: true });
  const answer = client.invoke('grpc.health.v1.Health/Check', {});
  check(answer, { 'is served': (r) => r && r.status === grpc.StatusOK && r.message.status === 'SERVING' });
}
