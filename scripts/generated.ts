/**
 * Everything in the repository that is made from the code: action.yml's inputs and outputs, the
 * tables of docs/inputs.md and docs/AGENTS.md, the picture of the floors in docs/DESIGN.md, the JSON Schemas of report, scenario and
 * load-test.yml, script and style of report.html, and the
 * dashboards of manifests/components/grafana.
 *
 *   npm run update           writes them
 *   npm run check:generated  fails when one is not up to date, and names this command
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { schemaAddress } from '../src/addresses.ts';
import { type OutcomeCode, OUTCOMES } from '../src/errors.ts';
import { NEXT } from '../src/report/next-step.ts';
import { settingsSchema } from '../src/inputs/settings-schema.ts';
import { definitionOf, INPUT_NAMES, INPUT_NAMES_BY_TOPIC, type InputName, TOPICS } from '../src/inputs/table.ts';
import { scenarioSchema } from '../src/load/requests/scenario-schema.ts';
import { report } from '../src/model/report.ts';
import { OUTPUTS } from '../src/outputs.ts';
import { DASHBOARDS } from './dashboards.ts';
import { FLOORS } from './floor-plan.js';
import { pageAssets } from './page-assets.ts';

interface Generated {
  readonly file: string;
  readonly make: (present: string) => string;
}

const GENERATED: readonly Generated[] = [
  { file: 'action.yml', make: actionMetadata },
  { file: 'docs/inputs.md', make: inputTables },
  { file: 'docs/DESIGN.md', make: floorsPicture },
  { file: 'docs/AGENTS.md', make: outcomeTable },
  {
    file: 'schemas/report.schema.json',
    make: () => schemaOf('Report of k8s-loadtest-ci', { $id: schemaAddress('report'), ...z.toJSONSchema(report) }),
  },
  {
    file: 'schemas/scenario.schema.json',
    make: () => schemaOf('Scenario of k8s-loadtest-ci', z.toJSONSchema(scenarioSchema, { io: 'input' })),
  },
  { file: 'schemas/load-test.schema.json', make: () => `${JSON.stringify(settingsSchema(), null, 2)}\n` },
  { file: 'src/report/html/html-assets.ts', make: pageAssets },
  ...Object.entries(DASHBOARDS).map(([name, dashboard]): Generated => ({
    file: `manifests/components/grafana/dashboards/${name}.json`,
    make: () => `${JSON.stringify(dashboard, null, 2)}\n`,
  })),
];

function actionMetadata(present: string): string {
  const document = parseDocument(present);
  const inputs = INPUT_NAMES.flatMap((name) => {
    const { description, default: standard, aliases = [] } = definitionOf(name);
    // A default that the runner fills in could not be told from an input that was given, which counts before a file.
    const isExpression = standard.startsWith('${{');
    const shown = standard === '' || isExpression ? '' : ` Default: ${standard.replaceAll('\n', ', ')}`;
    return [
      [name, { description: plain(description) + shown, required: false, default: isExpression ? standard : '' }],
      ...aliases.map((alias) => [
        alias,
        { description: `Another spelling of ${name}, as in helm/kind-action.`, required: false, default: '' },
      ]),
    ];
  });
  const outputs = Object.entries(OUTPUTS).map(([name, description]) => [name, { description: plain(description) }]);
  document.set('inputs', document.createNode(Object.fromEntries(inputs)));
  document.set('outputs', document.createNode(Object.fromEntries(outputs)));
  return document.toString({ lineWidth: 0 });
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

function inputTables(present: string): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', '<br>');
  const inputs = INPUT_NAMES_BY_TOPIC.flatMap((name, index) => {
    const { topic, description, default: standard } = definitionOf(name);
    const shown =
      standard === ''
        ? ''
        : standard
            .split('\n')
            .map((line) => `\`${line}\``)
            .join('<br>');
    const heading =
      index > 0 && definitionOf(INPUT_NAMES_BY_TOPIC[index - 1] as InputName).topic === topic
        ? []
        : ['', `### ${TOPICS[topic]}`, '', '| Input | What it does | Default |', '| --- | --- | --- |'];
    return [...heading, `| \`${name}\` | ${cell(description)} | ${shown} |`];
  });
  const outputs = Object.entries(OUTPUTS).map(([name, description]) => `| \`${name}\` | ${cell(description)} |`);
  const withInputs = between(present, 'inputs', [...inputs, '']);
  return between(withInputs, 'outputs', ['| Output | What it is |', '| --- | --- |', ...outputs]);
}

function outcomeTable(present: string): string {
  const rows = (Object.entries(OUTCOMES) as [OutcomeCode, string][]).map(
    ([code, meaning]) => `| [\`${code}\`](troubleshooting.md#${code}) | ${meaning} | ${NEXT[code]} |`,
  );
  return between(present, 'outcomes', [
    '',
    '| Code | Meaning | `outcome.next.sentence` |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ]);
}

/** The floors of the house from the top down; an arrow leads to the floor below, and so to all that are below it. */
function floorsPicture(present: string): string {
  const topDown = [...FLOORS.entries()].reverse();
  const floors = topDown.map(
    ([index, { name, does, holds }]) =>
      `  f${String(index)}["<b>${name}</b><br/>${does.replaceAll('. ', '.<br/>')}<br/><i>${holds.join(' ')}</i>"]`,
  );
  const arrows = topDown.map(([index]) => `f${String(index)}`).join(' --> ');
  return between(present, 'floors', ['', '```mermaid', 'flowchart TD', ...floors, `  ${arrows}`, '```', '']);
}

function between(text: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The marks ${start} and ${end} are missing`);
  return `${text.slice(0, from + start.length)}\n${lines.join('\n')}\n${text.slice(to)}`;
}

function schemaOf(title: string, schema: object): string {
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

const check = process.argv.includes('--check');
const stale = GENERATED.filter(({ file, make }) => {
  const present = readOrEmpty(file);
  const made = make(present);
  if (!check && made !== present) {
    writeFileSync(file, made);
    console.log(`${file}: updated`);
  }
  return check && made !== present;
});
if (stale.length > 0) {
  console.error(`Not up to date: ${stale.map(({ file }) => file).join(', ')}. Run: npm run update`);
  process.exitCode = 1;
} else if (check) {
  console.log(`${String(GENERATED.length)} generated files are up to date`);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
