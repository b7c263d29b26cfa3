import { warn, type Context } from '../../context.ts';

/** Nobody sits at a job's machine, and the dashboards end with the cluster. */
export function warnAboutDashboard(context: Context): void {
  const { inputs, store } = context;
  if (!inputs.dashboard || !store.state.run.onGitHub || inputs['keep-cluster']) return;
  warn(
    context,
    'Input dashboard is true, but nobody can see a dashboard in a job: Grafana only takes CPU from the load. The report has the same figures.',
  );
}
