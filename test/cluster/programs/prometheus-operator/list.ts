/** What the tests with a real operator need besides: built when the first of them runs. Versions are in go.mod. */
import type { Bundle } from '../bundle.ts';

const OPERATOR = 'github.com/prometheus-operator/prometheus-operator';
const DEFINITIONS = ['podmonitors', 'probes', 'prometheuses', 'prometheusrules', 'servicemonitors'];

/** About three minutes on two cores. */
export const prometheusOperator: Bundle = {
  title: 'the Prometheus operator',
  directory: import.meta.dirname,
  programs: [{ name: 'prometheus-operator', package: `${OPERATOR}/cmd/operator`, module: OPERATOR }],
  // What its controller of Prometheus objects watches; without the others it leaves its other controllers out.
  moduleFiles: DEFINITIONS.map((plural) => ({
    module: OPERATOR,
    path: `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
  })),
  // Images of the pods that it makes are named by it.
  linkerVariables: async ({ module }, versionOf) => ({
    'github.com/prometheus/common/version.Version': (await versionOf(module)).replace(/^v/, ''),
  }),
};
