import type { Inputs } from '../inputs.ts';
import type { Target } from './plan.ts';

/** What the bundled echo services answer with, by host. */
const ECHO_TEXT: Readonly<Record<string, string>> = { 'foo.localhost': 'foo', 'bar.localhost': 'bar' };

/**
 * The addresses that the load is spread over. Of the action's own application it is known what each
 * host answers with, so that an answer of the wrong service is noticed.
 */
export const loadTargets = (inputs: Pick<Inputs, 'hosts' | 'manifests'>): Target[] =>
  inputs.hosts.map((target) => ({
    ...target,
    expectedText: inputs.manifests === null ? ECHO_TEXT[target.host] : undefined,
  }));
