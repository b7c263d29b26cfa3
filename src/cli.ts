#!/usr/bin/env node
import { Argument, Command, Option } from 'commander';
import { resolve } from 'node:path';
import { cancelledBySignals, exitCodeOf, orUncaughtErrors } from './adapters/cancellation.ts';
import { openShell } from './adapters/commands/shell.ts';
import { useOwnToolCache } from './adapters/commands/tools.ts';
import { serveEchoServices } from './adapters/echo-services.ts';
import { isLoadWorker, serveLoads } from './adapters/engine/load-worker.ts';
import { surviveLogErrors } from './adapters/log-streams.ts';
import { openFile } from './adapters/open-file.ts';
import { hideDebugCommands } from './adapters/runner.ts';
import { COLOUR_CHOICES } from './adapters/terminal/paint.ts';
import { colourAsked, openTerminal, plainTerminal } from './adapters/terminal/open-terminal.ts';
import { announce, lessonOf } from './announce.ts';
import { type CommandName, factsOf } from './command-line/commands.ts';
import { type CompletedCommand, completionScript, SHELLS, type ShellName } from './command-line/completion.ts';
import { completedCommands, helpEnd } from './command-line/describe.ts';
import { type OptionFacts, optionsOf } from './command-line/options.ts';
import { formatItem } from './command-line/help-layout.ts';
import { endOfRun } from './command-line/end-of-run.ts';
import { CommandSessions, type Given } from './command-line/sessions.ts';
import { type Context, outputPath } from './context.ts';
import { runWithDashboard, showDashboard } from './command-line/dashboard.ts';
import { describeError, helpUrl, StageError } from './errors.ts';
import { IMPORTS, importScenario } from './command-line/import-scenario.ts';
import { initRepository } from './command-line/init-repository.ts';
import { INPUT_NAMES_BY_TOPIC, isComparison } from './inputs/table.ts';
import { isOfUseToTry } from './inputs/try-rules.ts';
import type { Report } from './model/report.ts';
import { MEASURE, PREPARE, PROVISION, runPipeline, runStages, type Stage } from './pipeline.ts';
import { renderReport } from './report/markdown/markdown.ts';
import { failsStep } from './report/verdict.ts';
import { toolVersion } from './session.ts';
import { finishedReport } from './stages/finished-report.ts';
import { identifyPullRequest } from './stages/identify-pull-request.ts';
import { installEngine } from './stages/install-tools.ts';
import { publishComment } from './stages/publish-comment.ts';
import { publishReport } from './stages/publish-report.ts';
import { tearDown } from './teardown.ts';
import { tryToCompare, tryWithoutCluster } from './command-line/try.ts';
import { writeHistory } from './command-line/write-history.ts';

const PROGRAM_HELP_END = `
Start with \`try\`, which needs neither Docker nor a cluster:
  k8s-loadtest-ci try --compare --slow-down 5ms

\`COMMAND --help\` lists the common options of a command, and
\`COMMAND --help all\` lists all of them.`;
const SERVE_COMMAND = 'serve-echo-services';
const INIT: CompletedCommand = {
  name: 'init',
  description: 'Write a workflow and load-test.yml that fit this repository',
  options: [],
  words: [],
};
const COMPLETION: CompletedCommand = {
  name: 'completion',
  description: 'Print a completion script for your shell',
  options: [],
  words: SHELLS,
};
/** Options of single commands that are not inputs, for completion. */
const ownOptions = new Map<CommandName, readonly Option[]>();
const NETWORK_DEADLINE_MS = 60_000;
/** Enough for a first look at a comparison, without occupying the machine. */
const SHORT_COMPARISON = {
  'compare-duration': '20s',
  'compare-limit': '60s',
  rounds: '60',
  rate: '300',
  'warmup-requests': '20',
};
const SHORT_CAPACITY_COMPARISON = {
  duration: '1s',
  'ramp-up': '500ms',
  'capacity-limit': '2m',
  thresholds: 'http_req_duration: p(95)<100',
};

surviveLogErrors();
const { runner, width } = isLoadWorker() ? plainTerminal() : await openTerminal(colourAsked(process.argv));
const signal = orUncaughtErrors(
  cancelledBySignals(
    'The report has everything measured so far. `run` removes its cluster now; a cluster from `up` stays until `down`.',
  ),
  (text) => {
    runner.warning(text);
    process.exitCode = 1;
  },
);
const sessions = new CommandSessions(runner, signal);
useOwnToolCache();
hideDebugCommands(process.stdout);

/** `--help` shows the common options, `--help all` shows all of them. */
const wantsAll = process.argv.some((arg, index, args) => arg === 'all' && /^(-h|--help)$/.test(args[index - 1] ?? ''));
const program = new Command('k8s-loadtest-ci')
  .description('Load-test an application on its own kind cluster, or compare two versions of it.')
  .version(toolVersion(), '-V, --version', 'Show the version.')
  .helpOption('-h, --help', 'Show this help.')
  .helpCommand('help [command]', 'Show the help of a command')
  .showHelpAfterError('(--help lists the options)')
  .configureHelp({ formatItem, minWidthToWrap: 20 })
  .addHelpText('after', PROGRAM_HELP_END);

command('run', async (given) => {
  const context = sessions.begin(given);
  const passed = context.inputs.dashboard
    ? await runWithDashboard(context, (report) => tell(context, report, given))
    : await tell(context, await runPipeline(context), given);
  // Nothing was created with inputs that were refused, which the report has told.
  if (context.faults.length === 0) await tearDown(sessions.goOn(given, notCancelled()));
  return passed;
});
command(
  'try',
  async (given) => {
    const compare = given['compare'] !== undefined;
    const tls = given['tls'] !== undefined;
    const short = given['mode'] === 'capacity' ? SHORT_CAPACITY_COMPARISON : SHORT_COMPARISON;
    if (!compare && given['slow-down'] !== undefined)
      throw new StageError(
        'input-invalid',
        'Option --slow-down needs --compare: it slows down head, and only a comparison has one.',
      );
    const inTurns = compare && given['mode'] !== 'capacity';
    // Stages are refused, and values of ours beside them would be called faults of the user.
    const ours = given['stages'] === undefined ? short : {};
    const context = sessions.begin(compare ? { ...ours, ...given } : given, (name) => isOfUseToTry(name, inTurns));
    return tell(
      context,
      compare
        ? await tryToCompare(context, [SERVE_COMMAND], given['slow-down'], tls)
        : await tryWithoutCluster(context, [SERVE_COMMAND], tls),
      given,
    );
  },
  [
    new Option('--tls', 'Use HTTPS, with a certificate made for the run.'),
    new Option('--compare', 'Load two versions of the services in turns and compare them.'),
    new Option(
      '--slow-down <time>',
      'With --compare: extra delay of each answer of head, such as 2ms. With --mode capacity: extra time per request on top of 5ms.',
    ),
  ],
);
command('validate', (given) => stages(sessions.begin(given), PREPARE));
command('up', (given) => stages(sessions.beginAsValidated(given), [...PREPARE, ...PROVISION]));
command('health', (given) => stages(sessions.measureOn(given), stagesNamed('check-health')));
command('compare', (given) =>
  stages(
    sessions.measureAnew(given),
    stagesNamed('prepare', 'compare-versions', 'check-witnesses', 'profile-versions'),
  ),
);
command('load', (given) => {
  const context = sessions.measureAnew(given);
  return stages(context, [...engineOf(context), ...stagesNamed('prepare', 'run-load', 'check-witnesses')]);
});
command('resources', (given) => stages(sessions.measureOn(given), stagesNamed('read-resources', 'check-witnesses')));
command('dashboard', async (given) => {
  // A session's shell records into the state, and a load that runs meanwhile writes the state too.
  await showDashboard({ ...sessions.goOn(given), shell: openShell({ signal }) });
  return true;
});
command('report', async (given) => {
  const context = sessions.goOn(given);
  return tell(context, await publishReport(context, AbortSignal.timeout(NETWORK_DEADLINE_MS)), given);
});
command('comment', comment, [
  new Option('--repository <owner/name>', 'Repository of the pull request.').default(process.env['GITHUB_REPOSITORY']),
]);
command('down', async (given) => {
  await tearDown(sessions.goOn({ ...given, 'keep-cluster': 'false' }, notCancelled()));
  return true;
});
program
  .command('history')
  .description('Make a page from the history of many runs, and files for Apache Otava')
  .argument('<files...>', 'Files history.jsonl from artifacts, or files that input history names.')
  .option('--to <folder>', 'Folder for history.html and otava/.', 'history')
  .action((files: string[], { to }: { to: string }) => {
    try {
      for (const path of writeHistory(files, to)) runner.info(path);
    } catch (error) {
      endWith(error);
    }
  });
program
  .command('import')
  .description('Write a scenario from a HAR, an OpenAPI description, or an access log')
  .argument('<kind>', IMPORTS.join(', '))
  .argument('<file>', 'The HAR file, OpenAPI description or access log.')
  .option('--output <file>', 'Where to write the scenario.', 'scenario.yaml')
  .action((kind: string, file: string, { output }: { output: string }) => {
    try {
      importScenario(kind, file, output, (line) => {
        runner.info(line);
      });
    } catch (error) {
      endWith(error);
    }
  });
program
  .command('init')
  .description('Write a workflow and load-test.yml that fit this repository; overwrites nothing')
  .argument('[folder]', 'The root of the repository.', '.')
  .action((folder: string) => {
    try {
      initRepository(runner, resolve(folder));
    } catch (error) {
      endWith(error);
    }
  });
program
  .command('completion')
  .description('Print a completion script for bash, zsh, or fish')
  .addArgument(new Argument('<shell>', 'For example: source <(k8s-loadtest-ci completion bash).').choices(SHELLS))
  .action((shell: ShellName) => {
    process.stdout.write(completionScript(shell, program.name(), completedCommands([INIT, COMPLETION], ownOptions)));
  });
program
  .command(SERVE_COMMAND, { hidden: true })
  .argument('<hosts...>')
  .action(async (hosts: string[]) => {
    await serveEchoServices(hosts);
  });

if (isLoadWorker()) serveLoads();
else await program.parseAsync();

function command(name: CommandName, run: (given: Given) => Promise<boolean>, own: readonly Option[] = []): void {
  const subcommand = program
    .command(name)
    .description(factsOf(name).description)
    .helpOption('-h, --help', 'Show the common options; --help all shows all of them.')
    .addHelpText('after', helpEnd(name, wantsAll));
  ownOptions.set(name, own);
  for (const option of own) subcommand.addOption(wantsAll ? option.helpGroup('This command:') : option);
  for (const facts of optionsOf(name, INPUT_NAMES_BY_TOPIC, wantsAll)) subcommand.addOption(optionOf(facts));
  for (const option of ofTerminal(name)) subcommand.addOption(wantsAll ? option.helpGroup('Terminal:') : option);
  subcommand.action(async (options: Readonly<Record<string, string | string[] | boolean>>) => {
    try {
      if (!(await run(textsOf(options)))) process.exitCode = exitCodeOf(signal) ?? 1;
    } catch (error) {
      endWith(error);
    }
  });
}

/** Prints the error that ended a command. */
function endWith(error: unknown): void {
  const described = describeError(error);
  runner.error(described.code, lessonOf(described, helpUrl(described.code)));
  process.exitCode = exitCodeOf(signal) ?? 1;
}

/** The option of an input; inputs with several lines can be given several times. */
function optionOf({ flags, description, group, hidden }: OptionFacts): Option {
  const option = new Option(flags, description).hideHelp(hidden);
  if (group !== null) option.helpGroup(group);
  return flags.endsWith(' [boolean]')
    ? option
    : option.argParser((text: string, before: string | undefined) =>
        before === undefined ? text : `${before}\n${text}`,
      );
}

/** Options of the terminal, which are not inputs of a run. */
function ofTerminal(name: CommandName): Option[] {
  const colour = new Option('--color <when>', 'Colours in the terminal; NO_COLOR turns them off, too.')
    .choices(COLOUR_CHOICES)
    .default('auto');
  const open = new Option('--open', 'Open report.html when it is written.');
  return ['run', 'try', 'report'].includes(name) ? [open, colour] : [colour];
}

function textsOf(options: Readonly<Record<string, string | string[] | boolean>>): Given {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      String(value),
    ]),
  );
}

function stagesNamed(...names: string[]): Stage[] {
  return MEASURE.filter(({ name }) => names.includes(name));
}

/** k6 is installed when the cluster is created, unless the engine is only chosen later. */
function engineOf({ inputs, store }: Context): Stage[] {
  return inputs.engine === 'k6' && store.state.tools.k6 === undefined
    ? [{ name: 'install-engine', run: installEngine }]
    : [];
}

/** Clean-up continues after a cancellation, because that is when it is needed most. */
function notCancelled(): AbortSignal {
  return new AbortController().signal;
}

/** Prints how the run ended; false when the command should exit with an error. */
async function tell(context: Context, report: Report, given: Given): Promise<boolean> {
  const fails = failsStep(report, context.inputs);
  const page = outputPath(context, 'report.html');
  runner.styled?.(endOfRun(report, page, width()));
  // The tables have already shown what each host answered, and their last line that the run passed.
  if (report.outcome.failure !== null) announce(runner, { outcome: report.outcome, load: null }, fails);
  const why = given['open'] === undefined ? null : await openFile(page);
  if (why !== null) runner.warning(`The report could not be opened (${why}). It is at ${page}.`);
  return !fails;
}

async function stages(context: Context, list: readonly Stage[]): Promise<boolean> {
  if (list.every(({ when }) => when?.(context.inputs) === false)) {
    throw new StageError(
      'stage-order',
      `${list.map(({ name }) => name).join(', ')} is not a stage of a run with these inputs.`,
      {
        hint: isComparison(context.inputs)
          ? 'Two sides are deployed: use the command `compare`.'
          : 'One version is deployed: use the command `load`.',
      },
    );
  }
  const passed = await runStages(context, list);
  if (!passed) announce(runner, finishedReport(context));
  return passed;
}

async function comment(given: Given): Promise<boolean> {
  const context = sessions.goOn(given);
  const { store } = context;
  const { pullRequest } = store.state.run;
  const repository = given['repository'] ?? store.state.run.repository;
  if (repository === null || !/^[^/\s]+\/[^/\s]+$/.test(repository) || pullRequest === null) {
    throw new StageError(
      'input-invalid',
      'Which pull request? Give --repository owner/name and --pull-request number.',
    );
  }
  store.update({ run: { ...store.state.run, repository } });
  await identifyPullRequest(context);
  const report = finishedReport(context);
  const url = await publishComment(context, renderReport(report), null, AbortSignal.timeout(NETWORK_DEADLINE_MS));
  return url !== null;
}
