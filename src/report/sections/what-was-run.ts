import type { GeneratorCondition, LoadResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import type { RunIdentity } from '../../model/run.ts';
import { milliseconds, percent } from '../../text/numbers.ts';
import { definitionOf, type InputName, INPUTS } from '../../inputs/table.ts';
import { sourceOf, sourceSentences } from '../words/settings-source.ts';
import { clusterFacts } from '../words/cluster-facts.ts';
import { processorsAndMemory } from '../words/machine-text.ts';
import { type Block, notes, type Section, textColumn } from './section.ts';

type Fact = readonly [name: string, value: string];

/** Versions, machine, load and inputs of this run. */
export function whatWasRun(report: Report): Section {
  const { environment, run, load, tool, tools, images, leftOut = [], settingsFile } = report;
  const facts: Fact[] = [
    [tool.name, tool.version],
    ...Object.entries(tools).map(([name, { version }]): Fact => [name, version]),
    ...clusterFacts(report),
    ...(load === null ? [] : loadFacts(load)),
    ...machineFacts(environment),
    ...commits(run),
    ...images.map((image): Fact => ['image', image]),
    ...leftOut.map((object): Fact => ['left out', object]),
  ];
  return {
    id: 'run',
    title: 'What was run',
    inMarkdown: 'folded',
    blocks: [
      factsTable('What was run', ['What', 'Value'], facts),
      ...notes(settingsFile === undefined ? [] : sourceSentences(settingsFile)),
      {
        kind: 'folded',
        summary: 'Inputs',
        blocks: [inputsTable(report)],
        only: 'html',
      },
      { kind: 'link', title: 'Log of the run', url: run.url, only: 'markdown' },
    ],
  };
}

/**
 * On `pull_request` GitHub runs a commit that merges the head into the base; on other events a commit of the
 * repository.
 */
function commits({ sha, headSha, ref, pullRequest }: RunIdentity): Fact[] {
  const name =
    pullRequest === null ? 'commit' : ref?.endsWith('/merge') === true ? 'merge commit' : 'commit of the workflow';
  return [
    ...((headSha ?? null) === null || pullRequest === null
      ? []
      : [[`head commit of pull request ${String(pullRequest)}`, headSha ?? ''] as const]),
    ...(sha === null ? [] : [[name, sha] as const]),
  ];
}

const loadFacts = ({ engine, seed, workers, generator }: LoadResult): Fact[] => [
  ...(engine === undefined ? [] : [['load engine', `${engine.name} ${engine.version}`] as const]),
  ['seed', seed],
  ['threads of the generator', String(workers)],
  ...(generator === null ? [] : generatorFacts(generator)),
];

const generatorFacts = ({
  cpuShare,
  eventLoopUtilization,
  eventLoopDelayMs,
  sendDelayMs,
}: GeneratorCondition): Fact[] => [
  ['CPU of the generator', `${percent(cpuShare)} of a core for each thread`],
  [
    'its event loop',
    `busy for ${percent(eventLoopUtilization)} of the time; late by ${milliseconds(eventLoopDelayMs.p99)} (p99), ${milliseconds(eventLoopDelayMs.max)} (max)`,
  ],
  ...(sendDelayMs === null
    ? []
    : [
        [
          'its requests',
          `left late by ${milliseconds(sendDelayMs.p99)} (p99), ${milliseconds(sendDelayMs.max)} (max)`,
        ] as const,
      ]),
];

function machineFacts(environment: Report['environment']): Fact[] {
  if (environment === null) return [];
  const { os, arch, nodeVersion, dockerVersion } = environment;
  return [
    ['machine', `${os}, ${arch}, ${processorsAndMemory(environment)}`],
    ['Node.js', nodeVersion],
    ...(dockerVersion === null ? [] : [['Docker', dockerVersion] as const]),
  ];
}

/** The inputs, and where each came from. */
function inputsTable({ settings, settingsFile }: Report): Block {
  return {
    kind: 'table',
    caption: 'Inputs',
    columns: ['Input', 'Value', 'From'].map(textColumn),
    rows: Object.entries(settings)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [
        name,
        { code: value },
        sourceOf(name, isStandard(name, value), settingsFile) ?? 'default',
      ]),
  };
}

const isStandard = (name: string, value: string): boolean =>
  name in INPUTS && definitionOf(name as InputName).default === value;

const factsTable = (caption: string, head: readonly string[], facts: readonly Fact[]): Block => ({
  kind: 'table',
  caption,
  columns: head.map(textColumn),
  rows: facts.map(([name, value]) => [name, { code: value }]),
});
