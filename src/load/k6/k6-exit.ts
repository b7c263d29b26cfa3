/** The meaning of a k6 exit code, from `errext/exitcodes` of k6 v1 and v2. */
export interface K6Exit {
  /** In one sentence. */
  readonly message: string;
  readonly hint: string;
}

export const THRESHOLDS_CROSSED = 99;

const EXITS: Readonly<Record<number, K6Exit>> = {
  97: { message: 'A run on Grafana Cloud failed.', hint: 'Run the script locally: remove its cloud options.' },
  98: {
    message: 'k6 lost the progress of a run on Grafana Cloud.',
    hint: 'Run the script locally: remove its cloud options.',
  },
  100: {
    message: 'The setup() of the script took too long.',
    hint: 'Raise setupTimeout in the options of the script, or find out why the first requests are slow.',
  },
  101: {
    message: 'The teardown() of the script took too long.',
    hint: 'Raise teardownTimeout in the options of the script.',
  },
  102: { message: 'k6 ran into a time limit.', hint: 'Its last lines say which.' },
  103: {
    message: 'The run was stopped through the REST API of k6.',
    hint: 'Something on this machine called it; start k6 without an address.',
  },
  104: {
    message: 'k6 does not accept the options of the script.',
    hint: 'Its last lines say which option is wrong. Variables K6_… of the environment change options too.',
  },
  105: {
    message: 'k6 was stopped from outside before it finished.',
    hint: 'Something sent it a signal: the job was cancelled, or memory ran out.',
  },
  106: { message: 'k6 could not open its REST API.', hint: 'Another program uses the port; unset K6_ADDRESS.' },
  107: { message: 'The script threw an exception.', hint: 'Its last lines name the line of the script.' },
  108: {
    message: 'The script ended the run with test.abort().',
    hint: 'Its last lines give the reason, if there is one.',
  },
  109: {
    message: 'k6 itself crashed.',
    hint: 'Try another k6-version, and report the last lines to the k6 project.',
  },
  110: {
    message: 'The script marked the run as failed with test.fail().',
    hint: 'Its last lines give the reason, if there is one.',
  },
};

/** k6's words for an import that it can't load, with what is imported; quotes are escaped in its log. */
const UNLOADED = /The moduleSpecifier \\?"([^"\\]{1,500})\\?" couldn't be (?:retrieved|found|recognised)/;

/**
 * Why k6 ended with an exit code other than 0; null stands for a signal.
 *
 * @param said what it wrote to its error output.
 */
export function k6Exit(code: number | null, said = ''): K6Exit {
  const unloaded = UNLOADED.exec(said)?.[1];
  if (unloaded !== undefined)
    return {
      message: `The script imports ${unloaded}, which k6 can't load.`,
      hint: /^https?:/.test(unloaded)
        ? 'It is fetched at each start: keep a copy beside the script and import that, or let this machine reach its server.'
        : 'Correct the path, which is relative to the script, or commit the file.',
    };
  const known = code === null ? undefined : EXITS[code];
  if (known !== undefined) return known;
  return code === null
    ? {
        message: 'k6 was killed.',
        hint: 'Often memory ran out: each virtual user of k6 takes a few megabytes. Use less concurrency.',
      }
    : { message: `k6 failed with exit code ${String(code)}.`, hint: 'Its last lines say why.' };
}
