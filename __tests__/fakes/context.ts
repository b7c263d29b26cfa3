import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRendered } from '../../src/adapters/rendered-manifests.ts';
import { openStore } from '../../src/adapters/state-file.ts';
import type { Clock } from '../../src/clock.ts';
import type { Part } from '../../src/cluster/parts.ts';
import type { Context } from '../../src/context.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import type { PipelineState } from '../../src/state.ts';
import { type RecordingRunner, recordingRunner } from './runner.ts';
import { CLUSTER, ON_A_LAPTOP, state } from './state.ts';
import { createFakeTools, type FakeTools, type Scenario, withTools } from './tools.ts';

export interface World {
  readonly context: Context;
  readonly tools: FakeTools;
  readonly runner: RecordingRunner;
  readonly outputDir: string;
  /** Cancels the run. */
  readonly cancel: (reason?: Error) => void;
  /** The lines of the log of one kind. */
  readonly logged: (kind: 'info' | 'notice' | 'warning' | 'error' | 'group') => string[];
}

export interface WorldOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly scenario?: Scenario;
  readonly state?: Partial<PipelineState>;
  readonly clock?: Clock;
  /** Whether kubectl alone is installed, as in a cluster that was there before the run. */
  readonly existing?: boolean;
  /** Whether kind and kubectl are installed and the cluster lt-1 is there with two nodes. */
  readonly up?: boolean;
}

/**
 * A clock on which a pause is over at once, and took longer than asked for: what polls does so only a few times.
 * It goes on to the next moment that anybody waits for, so that pauses side by side take as long as one of them.
 */
export function coarseClock(pauseMs = 3000): Clock {
  let now = 0;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const goOn = (): void => {
    sleepers.sort((one, other) => one.until - other.until);
    const next = sleepers.shift();
    now = Math.max(now, next?.until ?? now);
    next?.wake();
  };
  return {
    now: () => now,
    date: () => new Date(),
    sleep: (ms, signal) => {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      return new Promise((wake) => {
        sleepers.push({ until: now + Math.max(ms, pauseMs), wake });
        setImmediate(goOn);
      });
    },
  };
}

export const NAME = 'lt-1';

/** Everything that a stage is given, with fake tools, in a folder of its own. */
export function createWorld(home: string, options: WorldOptions = {}): World {
  const tools = createFakeTools(home);
  tools.scenario(options.scenario ?? {});
  const outputDir = join(home, 'artifacts');
  const texts: Readonly<Record<string, string>> = {
    'output-dir': outputDir,
    wait: '10s',
    comment: 'false',
    ...options.inputs,
  };
  const { inputs, settings, faults } = parseInputs((name) => texts[name] ?? '');
  const controller = new AbortController();
  const { signal } = controller;
  const runner = recordingRunner();
  const installed = {
    kind: { version: 'v0.33.0', path: join(tools.bin, 'kind'), sha256: tools.sha256('kind') },
    kubectl: { version: 'v1.35.8', path: join(tools.bin, 'kubectl'), sha256: tools.sha256('kubectl') },
  };
  const system = { ...CLUSTER, name: NAME, kubeconfig: join(outputDir, 'kubeconfig'), ingress: null, nodes: [] };
  const initial = state({
    run: ON_A_LAPTOP,
    settings,
    ...(options.up === false ? {} : { tools: installed, system }),
    ...(options.existing === true ? { tools: { kubectl: installed.kubectl }, system: null } : {}),
    ...options.state,
  });
  const store = openStore(outputDir, initial, (error) => {
    throw error as Error;
  });
  if (options.up !== false) {
    tools.add('containers', `${NAME}-control-plane`, { cluster: NAME, role: 'control-plane', port: 8080 });
    tools.add('containers', `${NAME}-worker`, { cluster: NAME, role: 'worker' });
    tools.add('networks', 'kind');
    writeFileSync(system.kubeconfig, 'current-context: kind-lt-1\n', { mode: 0o600 });
  }
  const context: Context = {
    inputs,
    faults,
    actionRoot: process.cwd(),
    store,
    rendered: openRendered(outputDir, (value) => {
      runner.secret(value);
    }),
    runner,
    shell: withTools(tools, signal),
    clock: options.clock ?? coarseClock(),
    signal,
  };
  return {
    context,
    tools,
    runner,
    outputDir,
    cancel: (reason = new Error('stop')) => {
      controller.abort(reason);
    },
    logged: (kind) =>
      runner.log.filter((line) => line.startsWith(`${kind}: `)).map((line) => line.slice(kind.length + 2)),
  };
}

/** Writes the manifests of an application of one Deployment, and renders it where the stages look for it. */
export function writeApplication(folder: string, yaml = APPLICATION): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [app.yaml]\n');
  writeFileSync(join(folder, 'app.yaml'), yaml);
  return folder;
}

export const APPLICATION = `apiVersion: v1
kind: Namespace
metadata: {name: echo}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: foo, namespace: echo}
spec:
  replicas: 1
  template:
    spec:
      containers: [{name: c, image: "app:1"}]
`;

/** The manifests of one part as render-manifests leaves them. */
export function render(world: World, part: Part, yaml: string): void {
  const folder = join(world.outputDir, 'manifests');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${part}.yaml`), yaml);
}
