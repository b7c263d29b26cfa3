import type { FailureClass } from '../../model/load.ts';

/**
 * k6's error codes (https://grafana.com/docs/k6/latest/javascript-api/error-codes/). Status codes
 * of 400 or more have codes from 1400 to 1599, which are not failures of the connection.
 */
const CLASS_OF_CODE: Readonly<Record<number, FailureClass>> = {
  1050: 'timeout',
  1201: 'reset',
  1211: 'timeout',
  1212: 'refused',
  1220: 'reset',
};

/** In the words of k6 and Go; their numbers for these differ between systems. */
const NO_RESOURCE_LEFT =
  /cannot assign requested address|address already in use|too many open files|no buffer space|cannot allocate memory|resource temporarily unavailable/i;
const LOST = /\bEOF\b|closed|reset|broken pipe|disconnect/i;

/** The outcome of a request, as far as k6 reports it. */
export interface K6Answer {
  /** 0 without an answer. */
  readonly status: number;
  /** 0 when there was no error. */
  readonly errorCode: number;
  readonly error: string;
}

/** Whether the connection failed, even in the middle of an answer that already has a status. */
export const connectionFailed = ({ status, errorCode }: K6Answer): boolean =>
  status === 0 || (errorCode >= 1000 && (errorCode < 1400 || errorCode >= 1600));

/** The class of a request whose connection failed: the same as in the built-in engine. */
export function failureOfConnection({ errorCode, error }: K6Answer): FailureClass {
  const known = CLASS_OF_CODE[errorCode];
  if (known !== undefined) return known;
  if (/context cancell?ed/i.test(error)) return 'cancelled';
  if (NO_RESOURCE_LEFT.test(error)) return 'client-resource';
  if (/i\/o timeout|deadline exceeded/i.test(error)) return 'timeout';
  if (errorCode >= 1300 && errorCode < 1400) return 'tls';
  // Names that were not found, or that k6 may not connect to.
  if (errorCode >= 1100 && errorCode < 1200) return 'refused';
  if (errorCode === 1010 || (errorCode >= 1200 && errorCode < 1300)) return 'reset';
  if (!/malformed/i.test(error) && LOST.test(error)) return 'reset';
  return 'protocol';
}
