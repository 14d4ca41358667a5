/** What `paddlewheel init` writes: pure texts from the answers. */

export interface Answers {
  /** Of the integration. */
  readonly name: string;
  readonly environment: 'sandbox' | 'live';
  /** Of SSM, where the token is published. */
  readonly parameter: string;
  /** A page that must serve the current token; none: no page is looked at. */
  readonly site?: string;
  /** `owner/name` on GitHub whose workflow builds the frontend; none: no workflow. */
  readonly github?: string;
}

/** Who builds, as usage is reported. */
export const CONSUMER = 'website';
export const apiKeySecret = ({ environment }: Answers) => `paddlewheel/${environment}/api-key`;

/** As the project writes texts in code. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** As it stands in the list of integrations. */
export function integrationText({ name, environment, parameter, site, github }: Answers): string {
  const evidence = [
    ...(site
      ? ['', '      // A page that must serve the current token, and no longer the old one, before that is revoked.']
      : []),
    ...(site ? [`      sites: [${quoted(site)}],`] : []),
    ...(github ? ['', '      // Builds that report which token they use, and when they are live.'] : []),
    ...(github ? [`      consumers: [${quoted(CONSUMER)}],`] : []),
  ];
  return `    {
      name: ${quoted(name)},
      account: ${quoted(environment)},
      rotate: { every: '30 days' },
      // The old token stays valid for at least this long, and until the evidence says that nobody uses it.
      grace: '48 hours',
      publishTo: [{ ssmParameter: ${quoted(parameter)} }],${evidence.length > 0 ? `\n${evidence.join('\n').replace(/^\n/, '')}` : ''}
    },
`;
}

export function configurationText(answers: Answers): string {
  const { environment } = answers;
  return `/** What Paddlewheel rotates, when, and where it publishes. Your editor explains every setting. */
import { defineConfig } from 'paddlewheel';

export default defineConfig({
  accounts: {
    // One Paddle account in one environment. Its API key is read at run time; it is never part of a template.
    ${environment}: { environment: ${quoted(environment)}, apiKey: { secret: ${quoted(apiKeySecret(answers))} } },
  },
  integrations: [
${integrationText(answers)}  ],
});
`;
}

/** @param configuration the file's name, as it is imported */
export function appText({ github }: Answers, configuration: string): string {
  const names = github ? 'GitHubBuildRole, Paddlewheel' : 'Paddlewheel';
  const role = github
    ? `
const builder = new GitHubBuildRole(stack, 'Builder', { repository: ${quoted(github)} });
paddlewheel.grantReport(builder);
new CfnOutput(stack, 'BuilderRole', { value: builder.roleArn, description: 'PADDLEWHEEL_ROLE of the workflow' });
`
    : '';
  return `import { App,${github ? ' CfnOutput,' : ''} Stack } from 'aws-cdk-lib';
import { ${names} } from 'paddlewheel';
import configuration from './${configuration}';

const app = new App();
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const stack = new Stack(app, 'Paddlewheel', { env: { account, region } });
${github ? 'const paddlewheel = ' : ''}new Paddlewheel(stack, 'Paddlewheel', configuration);
${role}`;
}

export const CDK_JSON = `${JSON.stringify({ app: 'node app.mjs' }, null, 2)}\n`;
export const GITIGNORE = 'node_modules\ncdk.out\n';

export const manifestText = (name: string, devDependencies: Readonly<Record<string, string>>): string =>
  `${JSON.stringify({ name, private: true, type: 'module', devDependencies }, null, 2)}\n`;

/** Builds on every push, and when a fresh token was published. Nothing is reported as live unless the deployment went well. */
export const workflowText = ({ name }: Answers): string => `name: Build with the current client-side token

on:
  push:
    branches: [main]
  # Sent by Paddlewheel after every publication, when the integration has a deploy hook of the kind "github".
  repository_dispatch:
    types: [client-token-published]

permissions:
  contents: read
  # For AWS: no key is kept at GitHub.
  id-token: write

concurrency: client-side-token

jobs:
  build:
    runs-on: ubuntu-latest
    env:
      # What your build writes: dist with Vite, out with Next.js.
      OUTPUT: dist
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npm ci
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: \${{ vars.PADDLEWHEEL_ROLE }}
          aws-region: \${{ vars.AWS_REGION }}
      # The token is in PADDLE_CLIENT_TOKEN; --name calls it otherwise, such as VITE_PADDLE_CLIENT_TOKEN.
      - run: npx paddlewheel exec ${name} --consumer ${CONSUMER} -- npm run build
      # Refuses an output that holds another token, as caches leave one behind.
      - run: npx paddlewheel verify-build "$OUTPUT" --integration ${name} --consumer ${CONSUMER}
      # Whatever brings your site live. It must fail when it did not: what follows is evidence.
      - run: npm run deploy
      - run: npx paddlewheel deployed ${name} --consumer ${CONSUMER} --artifact "$OUTPUT"
`;
