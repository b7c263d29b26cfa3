import { Agent, request } from 'undici';
import type { HttpSenderSettings } from '../src/adapters/engine/http-target.ts';
import type { Sender } from '../src/load/sender.ts';
import { endpointText } from '../src/model/endpoint.ts';

/** What one would write first: undici's request() with an Agent. A peer of the bench, not an engine. */
export function openRequestSender(settings: HttpSenderSettings): Sender {
  const dispatcher = new Agent({ connections: settings.connections });
  const ask = async (target: number): Promise<{ status: number; bytes: number }> => {
    const { host = '', path = '/' } = settings.targets[target] ?? {};
    const answer = await request(`http://${endpointText(settings.endpoint)}${path}`, { dispatcher, headers: { host } });
    return { status: answer.statusCode, bytes: (await answer.body.text()).length };
  };
  return {
    send(_connection, target, done) {
      const sentAtMs = performance.now();
      const outcome = { retried: false, failure: null, waitingMs: NaN, handshake: null };
      ask(target).then(
        ({ status, bytes }) => {
          done({ ...outcome, status, bytes, serviceMs: performance.now() - sentAtMs });
        },
        () => {
          done({ ...outcome, status: 0, bytes: 0, failure: 'reset', serviceMs: performance.now() - sentAtMs });
        },
      );
    },
    close: () => dispatcher.destroy(),
  };
}
