import { deepEqual, equal, ok } from 'node:assert/strict';
import { connect } from 'node:net';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import type { Endpoint, TlsEntry } from '../../../src/model/endpoint.ts';
import type { LoadResult } from '../../../src/model/load.ts';
import { OK, onRequest, rawServer } from '../../adapters/engine/http-servers.ts';
import { frameServer } from '../../adapters/engine/http2-servers.ts';
import { overTls, tlsServer } from '../../adapters/engine/tls-servers.ts';
import type { Case, Row } from '../row.ts';

/** H: what may be wrong with TLS and HTTP/2 at the entry, as the engine meets it while it sends. */

const REQUESTS = 60;

async function load(endpoint: Endpoint, changes: Partial<LoadPlan> = {}): Promise<LoadResult> {
  const plan: LoadPlan = {
    targets: [{ host: 'foo.localhost', scheme: 'https', path: '/', expectedText: 'foo' }],
    model: { kind: 'closed', concurrency: 4 },
    requests: REQUESTS,
    durationMs: null,
    warmupRequests: 4,
    rampUpMs: 0,
    requestTimeoutMs: 2000,
    seed: 'faults',
    ...changes,
  };
  const { load: result } = await sendCountedLoad(plan, { endpoint, workers: 1, entry: '' });
  const { sent, succeeded, failed, failures } = result.total;
  equal(sent, REQUESTS);
  equal(succeeded + failed, sent);
  equal(
    Object.values(failures).reduce((sum, count) => sum + count, 0),
    failed,
  );
  return result;
}

/** Every request fails in the handshake, and the server sees none of them. */
const refused =
  (
    certificate: () => Promise<{ readonly host: string; readonly notAfter?: Date }>,
    trust: Partial<TlsEntry> | 'known',
  ): Case =>
  async () => {
    const { host, notAfter } = await certificate();
    const authority = await createAuthority(
      'faults',
      notAfter === undefined ? undefined : { notBefore: new Date(notAfter.getTime() - 3_600_000), notAfter },
    );
    const { certificates: cert, privateKey: key } = await authority.issue([host]);
    let seen = 0;
    await using server = await tlsServer(
      (socket) => {
        onRequest(socket, () => {
          seen += 1;
          socket.write(OK);
        });
      },
      { cert, key },
    );
    const endpoint = await overTls(server, trust === 'known' ? { authorities: [authority.certificate] } : trust);
    // On a busy machine a handshake takes its time, and a timeout would count as one.
    const { total } = await load(endpoint, { requestTimeoutMs: 20_000 });
    deepEqual(total.failures, { tls: REQUESTS });
    equal(seen, 0);
  };

export const HTTPS_ROWS: readonly Row[] = [
  {
    id: 'H1',
    kind: 'quick',
    fault: 'The certificate of a host has expired',
    expected: 'every request counts as `tls`, and the server sees none of them',
    cases: {
      'an hour ago': refused(
        () => Promise.resolve({ host: 'foo.localhost', notAfter: new Date(Date.now() - 3_600_000) }),
        'known',
      ),
    },
  },
  {
    id: 'H2',
    kind: 'quick',
    fault: 'The certificate of a host is for another name',
    expected: 'every request counts as `tls`, and the server sees none of them',
    cases: { 'another host': refused(() => Promise.resolve({ host: 'other.localhost' }), 'known') },
  },
  {
    id: 'H3',
    kind: 'quick',
    fault: 'An unknown CA issued the certificate',
    expected: 'every request counts as `tls`, and the server sees none of them',
    cases: {
      'an authority of its own': refused(() => Promise.resolve({ host: 'foo.localhost' }), { authorities: [] }),
    },
  },
  {
    id: 'H4',
    kind: 'quick',
    fault: 'Connections end in the middle of a TLS record of an answer',
    expected: 'each counts as `reset`, and the others are right',
    cases: {
      'each tenth answer': async () => {
        let answers = 0;
        let cuts = 0;
        await using server = await tlsServer((socket) => {
          onRequest(socket, () => socket.write(OK));
        });
        await using cutting = await rawServer((client) => {
          const behind = connect(server.port, '127.0.0.1');
          let established = 0;
          client.on('data', (chunk) => behind.write(chunk));
          behind.on('data', (chunk) => {
            // The flight of the handshake comes first, and the tickets with the first answer.
            established += 1;
            if (established > 2 && ++answers % 10 === 0) {
              cuts += 1;
              client.end(chunk.subarray(0, chunk.length - 3));
            } else client.write(chunk);
          });
          behind.on('error', () => client.destroy());
          client.on('close', () => behind.destroy());
          behind.on('close', () => client.destroy());
        });
        const { total } = await load(await overTls(cutting));
        // A cut may also fall into the end of a connection, when nobody waits for an answer.
        deepEqual(Object.keys(total.failures), ['reset']);
        ok((total.failures.reset ?? 0) <= cuts);
      },
    },
  },
  {
    id: 'H5',
    kind: 'quick',
    fault: 'GOAWAY under load over HTTP/2',
    expected: 'no request is lost: those that the server did not process are sent once more and counted as retried',
    cases: {
      'after each seventh request, which is done': async () => {
        await using server = await frameServer((connection, stream, index) => {
          if (index === 6) connection.goAway(stream, 0);
          connection.answer(stream, 'foo');
        });
        const { total } = await load(await overTls(server), { httpVersion: 2, streams: 2 });
        equal(total.failed, 0);
      },
      'before each seventh request, which is not': async () => {
        await using server = await frameServer((connection, stream, index) => {
          if (index === 6) connection.goAway(stream - 2, 0);
          else if (index < 6) connection.answer(stream, 'foo');
        });
        const { total } = await load(await overTls(server), { httpVersion: 2 });
        equal(total.failed, 0);
        ok((total.retried ?? 0) > 0);
      },
    },
  },
];
