/** The Service through which the API server reaches Prometheus. */
export interface PrometheusService {
  readonly namespace: string;
  readonly name: string;
  /** By number or name. */
  readonly port: string;
}

interface PrometheusInputs {
  readonly kubeconfig: string | null;
  readonly prometheus: boolean;
  readonly 'prometheus-service': string | null;
}

/** That of manifests/platform/prometheus. */
export const OWN_PROMETHEUS: PrometheusService = { namespace: 'monitoring', name: 'prometheus', port: 'http' };

/** Where CPU, memory and network are read; null when they are not measured. */
export function prometheusService(inputs: PrometheusInputs): PrometheusService | null {
  if (!inputs.prometheus) return null;
  if (inputs.kubeconfig === null) return OWN_PROMETHEUS;
  const [, namespace, name, port] = /^(.+)\/(.+):(.+)$/.exec(inputs['prometheus-service'] ?? '') ?? [];
  return namespace === undefined || name === undefined || port === undefined ? null : { namespace, name, port };
}
