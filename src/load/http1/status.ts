import type { FailureClass } from '../../model/load.ts';

const NOT_MODIFIED = 304;

/** Whether an answer redirects. 304 does not: it says that the client's copy is still valid. */
export const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== NOT_MODIFIED;

/**
 * Whether an answer has the right status.
 *
 * @param expected null when any status below 400 is right, except redirects: a redirect is not what was requested, and
 * often the ingress sends it, not the application.
 */
export const isExpectedStatus = (status: number, expected: readonly number[] | null): boolean =>
  expected === null ? status < 300 || status === NOT_MODIFIED : expected.includes(status);

/** The class of an answer with an unexpected status. */
export const failureOfStatus = (status: number): FailureClass => (isRedirect(status) ? 'redirect' : 'http-status');
