/** What `import … from 'paddlewheel'` gives. */
export { ConfigError, type ConfigInput, defineConfig } from './config.ts';
export type {
  AccountInput,
  CredentialInput,
  DeployHookInput,
  DurationText,
  IntegrationInput,
  PlatformInput,
  ScheduleInput,
  SiteInput,
  TargetInput,
} from './config-input.ts';
export {
  type OnTokenPublishedOptions,
  Paddlewheel,
  type PaddlewheelFunctions,
  type PaddlewheelProps,
} from './paddlewheel.ts';
