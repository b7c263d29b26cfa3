import { Client } from 'undici';
import { messageOf } from '../errors.ts';
import { REMOTE_WRITE_HEADERS } from '../load/metrics/remote-write.ts';
import { LOOPBACK } from '../model/endpoint.ts';

/** A look at a running load is not worth more: the next one comes in two seconds and includes everything. */
const PUSH_DEADLINE_MS = 2000;
const LAST_PUSH_DEADLINE_MS = 5000;
/** After this many failures in a row, nothing is tried until the end. */
const FAILURES_IN_A_ROW = 5;
const LAST_ATTEMPTS = 2;

/** The results of all pushes so far. */
export interface PushCount {
  readonly sent: number;
  readonly failed: number;
  /** The last error; null when there was none. */
  readonly lastError: string | null;
}

/** Pushes to a Prometheus, one at a time. */
export interface RemoteWrite {
  /**
   * Pushes a body when no other push is in flight, otherwise as soon as that one is done; of waiting bodies only the
   * newest is kept. Never throws and never waits.
   */
  offer(body: () => Uint8Array): void;
  /**
   * Pushes the last body of a load after the one in flight, and retries it once. Never throws.
   *
   * @returns whether Prometheus has it.
   */
  finish(body: () => Uint8Array): Promise<boolean>;
  /** Ends the push in flight, and returns the results. */
  close(): Promise<PushCount>;
}

/** @param port of Prometheus on 127.0.0.1. */
export function openRemoteWrite(port: number, signal: AbortSignal): RemoteWrite {
  const client = new Client(`http://${LOOPBACK}:${String(port)}`);
  let [sent, failed, inARow] = [0, 0, 0];
  let lastError: string | null = null;
  let waiting: (() => Uint8Array) | null = null;
  let working: Promise<void> | null = null;

  const push = async (body: () => Uint8Array, deadlineMs: number): Promise<boolean> => {
    try {
      await post(client, body(), AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
      [sent, inARow] = [sent + 1, 0];
      return true;
    } catch (error) {
      [failed, inARow, lastError] = [failed + 1, inARow + 1, messageOf(error)];
      return false;
    }
  };
  const work = async (): Promise<void> => {
    while (waiting !== null) {
      const body: () => Uint8Array = waiting;
      waiting = null;
      await push(body, PUSH_DEADLINE_MS);
    }
    working = null;
  };
  return {
    offer: (body) => {
      if (inARow >= FAILURES_IN_A_ROW || signal.aborted) return;
      waiting = body;
      working ??= work();
    },
    finish: async (body) => {
      await working;
      let complete = false;
      for (let attempt = 0; attempt < LAST_ATTEMPTS && !complete && !signal.aborted; attempt += 1)
        complete = await push(body, LAST_PUSH_DEADLINE_MS);
      return complete;
    },
    close: async () => {
      await client.destroy();
      await working;
      return { sent, failed, lastError };
    },
  };
}

async function post(client: Client, body: Uint8Array, signal: AbortSignal): Promise<void> {
  const { statusCode, body: answer } = await client.request({
    method: 'POST',
    path: '/api/v1/write',
    headers: REMOTE_WRITE_HEADERS,
    body,
    signal,
  });
  const text = await answer.text();
  if (statusCode >= 300)
    throw new Error(`Prometheus answered with status ${String(statusCode)}: ${text.trim().slice(0, 300)}`);
}
