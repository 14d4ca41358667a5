/** The same installation once more, on the tables that the one before has left. */
import { defineConfig } from '../../infra/config.ts';
import hooks from './hooks.config.ts';

export default defineConfig({
  ...hooks,
  tables: { ledger: String(process.env.PADDLEWHEEL_E2E_LEDGER), auditTrail: String(process.env.PADDLEWHEEL_E2E_TRAIL) },
});
