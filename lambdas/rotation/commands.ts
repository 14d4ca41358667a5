/** What people ask for, as pure functions from state to state. Each either changes the state or says why not. */
export { type AdoptionFacts, adopt } from './commands/adopt.ts';
export type { Asker } from './commands/asker.ts';
export { hold, release } from './commands/hold.ts';
export { pause, resume } from './commands/pause.ts';
export { forceRevoke } from './commands/revoke.ts';
export { rollback } from './commands/rollback.ts';
export { type Emergency, emergency, rotate } from './commands/rotate.ts';
