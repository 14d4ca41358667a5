/** The package's entry: all that others may rely on. */
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
export { GitHubBuildRole, type GitHubBuildRoleProps } from './constructs/github-build-role.ts';
export {
  type OnTokenPublishedOptions,
  Paddlewheel,
  type PaddlewheelFunctions,
  type PaddlewheelProps,
} from './paddlewheel.ts';
