/**
 * Metrics in the embedded metric format: lines of the log, no calls, no permissions. Every metric of every dimension value is paid
 * for in every account that deploys this, so there are no dimensions, not even the service's name, but `reason` on refusals.
 */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE, type METRICS } from '../contract.ts';

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** As much of the metrics as the parts need. */
export interface Meter {
  /** One more of it. */
  count(name: MetricName): void;
  /**
   * One more of it under the dimension `reason`.
   * @param detail finer than the dimension, to search the logs for; costs nothing
   */
  countFor(name: MetricName, reason: string, detail: string): void;
  seconds(name: MetricName, value: number): void;
  /** Writes what has been collected, and nothing when nothing has been. */
  flush(): void;
}

export function createMeter(): Meter {
  const metrics = withoutDimensions(new Metrics({ namespace: METRIC_NAMESPACE }));
  return {
    count(name) {
      metrics.addMetric(name, MetricUnit.Count, 1);
    },
    countFor(name, reason, detail) {
      const single = withoutDimensions(metrics.singleMetric());
      single.addDimension('reason', reason).addMetadata('detail', detail).addMetric(name, MetricUnit.Count, 1);
    },
    seconds(name, value) {
      metrics.addMetric(name, MetricUnit.Seconds, value);
    },
    flush() {
      if (!metrics.hasStoredMetrics()) return;
      // One empty set, `[[]]`: with no set at all, CloudWatch finds no metric.
      metrics.addDimensions({});
      metrics.publishStoredMetrics();
    },
  };
}

/** Powertools adds `service` by itself: an alarm on the bare name would never see such a metric. */
function withoutDimensions(metrics: Metrics): Metrics {
  metrics.clearDefaultDimensions();
  return metrics;
}
