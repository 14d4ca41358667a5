import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
/** Where the logs of a run go. */
export const RESULTS = path.join(ROOT, '.local', 'test-results');
