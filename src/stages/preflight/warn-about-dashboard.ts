import { warn, type Context } from '../../context.ts';

/** The machine of a job is nobody's desk: what the dashboards show ends with the cluster. */
export function warnAboutDashboard(context: Context): void {
  const { inputs, store } = context;
  if (!inputs.dashboard || !store.state.run.onGitHub || inputs['keep-cluster']) return;
  warn(
    context,
    'Input dashboard is true, but nobody can look at a dashboard in a job: Grafana takes CPU from the load for nothing. The report has the same figures.',
  );
}
