/**
 * Metrics in the embedded metric format: lines of the log, no calls, no permissions. Every metric of every dimension value is paid
 * for in every account that deploys this, so there are no dimensions, not even the service's name.
 */

import { MetricUnit, Metrics as Powertools } from '@aws-lambda-powertools/metrics';
import { ENV, METRIC_NAMESPACE } from '../contract.ts';
import type { Metrics } from '../domain/ports.ts';

/** A line of the format takes a hundred values of one metric; with the hundredth, Powertools writes it by itself, without the empty set. */
const MOST_VALUES = 99;

export function createMetrics(): Metrics {
  const emf = withoutDimensions(new Powertools({ namespace: process.env[ENV.metricNamespace] || METRIC_NAMESPACE }));
  let values = 0;
  const flush = () => {
    if (!emf.hasStoredMetrics()) return;
    // One empty set, `[[]]`: with no set at all, CloudWatch finds no metric.
    emf.addDimensions({});
    emf.publishStoredMetrics();
    values = 0;
  };
  const add = (name: string, unit: (typeof MetricUnit)[keyof typeof MetricUnit], value: number) => {
    if (values === MOST_VALUES) flush();
    emf.addMetric(name, unit, value);
    values += 1;
  };
  return {
    count: (name) => add(name, MetricUnit.Count, 1),
    seconds: (name, value) => add(name, MetricUnit.Seconds, value),
    flush,
  };
}

/** Powertools adds `service` by itself: an alarm on the bare name would never see such a metric. */
function withoutDimensions(metrics: Powertools): Powertools {
  metrics.clearDefaultDimensions();
  return metrics;
}
