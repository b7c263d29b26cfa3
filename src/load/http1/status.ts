import type { FailureClass } from '../../model/load.ts';

const NOT_MODIFIED = 304;

/** Whether an answer leads elsewhere. 304 does not: it says that what the client has already is still right. */
export const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== NOT_MODIFIED;

/**
 * Whether an answer has the status of a right one.
 *
 * @param expected null when any status below 400 is right that is no redirect: whoever wrote a redirect, it is not what was
 *   asked for, and often it is the ingress and not the application that answers so.
 */
export const isExpectedStatus = (status: number, expected: readonly number[] | null): boolean =>
  expected === null ? status < 300 || status === NOT_MODIFIED : expected.includes(status);

/** The class of an answer whose status was not expected. */
export const failureOfStatus = (status: number): FailureClass => (isRedirect(status) ? 'redirect' : 'http-status');
