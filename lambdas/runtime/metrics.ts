/**
 * Metrics in the embedded metric format: lines of the log, no calls, no permissions. Every metric of every dimension value is paid
 * for in every account that deploys this, so there are no dimensions, not even the service's name.
 */

import { MetricUnit, Metrics as Powertools } from '@aws-lambda-powertools/metrics';
import { ENV, METRIC_NAMESPACE } from '../contract.ts';
import type { Metrics } from '../domain/ports.ts';

export function createMetrics(): Metrics {
  const emf = withoutDimensions(new Powertools({ namespace: process.env[ENV.metricNamespace] || METRIC_NAMESPACE }));
  return {
    count(name) {
      emf.addMetric(name, MetricUnit.Count, 1);
    },
    seconds(name, value) {
      emf.addMetric(name, MetricUnit.Seconds, value);
    },
    flush() {
      if (!emf.hasStoredMetrics()) return;
      // One empty set, `[[]]`: with no set at all, CloudWatch finds no metric.
      emf.addDimensions({});
      emf.publishStoredMetrics();
    },
  };
}

/** Powertools adds `service` by itself: an alarm on the bare name would never see such a metric. */
function withoutDimensions(metrics: Powertools): Powertools {
  metrics.clearDefaultDimensions();
  return metrics;
}
