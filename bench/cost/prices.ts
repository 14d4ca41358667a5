/** List prices of us-east-1 in US dollars, before any free tier, as published on 26 November 2026. They are AWS's to change. */
const MILLION = 1_000_000;

export const PRICE = {
  /** EventBridge Scheduler, for each invocation. */
  schedule: 1 / MILLION,
  lambdaRequest: 0.2 / MILLION,
  /** arm64, for a GB and second. */
  lambdaGbSecond: 0.0000133334,
  /** DynamoDB on demand, for each unit. */
  read: 0.125 / MILLION,
  write: 0.625 / MILLION,
  /** Of a FIFO queue. */
  sqsRequest: 0.5 / MILLION,
  /** An event of our own. */
  event: 1 / MILLION,
  httpApiRequest: 1 / MILLION,
  logGb: 0.5,
  secretsCall: 0.05 / 10_000,
  alarm: 0.1,
  metric: 0.3,
} as const;
