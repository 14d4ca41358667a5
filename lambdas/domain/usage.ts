/** Begins the name of a consumer that CloudTrail saw reading a target. Whoever reports for himself may not be called so. */
export const OBSERVED_PREFIX = 'cloudtrail:';
