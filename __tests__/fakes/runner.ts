import type { Runner } from '../../src/adapters/runner.ts';

/** A runner that keeps everything that it is told. */
export interface RecordingRunner extends Runner {
  /** Each line as `kind: text`, in order. */
  readonly log: string[];
  readonly outputs: Map<string, string>;
  readonly state: Map<string, string>;
  readonly secrets: string[];
  readonly summaries: string[];
}

export function recordingRunner(): RecordingRunner {
  const log: string[] = [];
  const outputs = new Map<string, string>();
  const state = new Map<string, string>();
  const secrets: string[] = [];
  const summaries: string[] = [];
  const keep = (kind: string) => (text: string) => {
    log.push(`${kind}: ${text}`);
  };
  return {
    log,
    outputs,
    state,
    secrets,
    summaries,
    info: keep('info'),
    notice: keep('notice'),
    warning: keep('warning'),
    error: (title, text) => {
      log.push(`error: ${title}: ${text}`);
    },
    group: async (name, run) => {
      log.push(`group: ${name}`);
      return await run();
    },
    output: (name, value) => {
      outputs.set(name, value);
    },
    saveState: (name, value) => {
      state.set(name, value);
    },
    secret: (value) => {
      secrets.push(value);
    },
    logLoss: () => null,
    summary: (render) => {
      summaries.push(render(0));
    },
  };
}
