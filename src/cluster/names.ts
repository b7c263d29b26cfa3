/** kind warns above 50 characters: host names of the nodes are made from it. */
const MAX_NAME_LENGTH = 50;

/**
 * A cluster name that no other run has: run, attempt, and a random part, as jobs of one matrix share
 * everything else.
 *
 * @param random text of lower-case letters and digits.
 */
export function clusterName(run: { onGitHub: boolean; id: string; attempt: number }, random: string): string {
  const identity = run.onGitHub ? `${run.id}-${String(run.attempt)}` : 'local';
  return `lt-${identity}-${random}`
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, MAX_NAME_LENGTH);
}
