/** `npm run aws:smoke`: see HELP. */
import { randomBytes } from 'node:crypto';
import { askedOf } from '../asked.ts';
import { mustBeSandboxKey } from './sandbox-paddle.ts';

const HELP = `npm run aws:smoke -- --yes [options]

Deploys Paddlewheel to an AWS account for a quarter of an hour, with a Paddle sandbox account, and takes one
integration through two rotations, its webhooks and its alarms. Then destroys it, also after a failure, and says what
it proved, what differs from the local AWS, and what is left.

  --yes      agree to what it costs
  --local    against the local AWS and the Paddle simulator: no account, no key, no cost
  --help     this text

Environment
  AWS_REGION, and credentials as the AWS command line takes them: those of a person who may deploy, in an account
                             in which \`cdk bootstrap\` has been run, and that has nothing to lose
  PADDLE_SANDBOX_API_KEY     the key of a Paddle sandbox account (docs/paddle.md has its permissions); a live key is refused

Cost
  About 0.03 US dollars: thirteen alarms and three secrets for less than an hour ($0.10 and $0.40 a month each), and a
  few hundred requests. If it is left standing: about $2.50 a month.
`;

const { values: options } = askedOf(HELP, {
  options: { yes: { type: 'boolean', default: false }, local: { type: 'boolean', default: false } },
});

const say = (line: string): void => console.log(line);

async function main(): Promise<number> {
  if (!options.local) {
    mustBeSandboxKey(process.env.PADDLE_SANDBOX_API_KEY);
    if (!options.yes) {
      process.stdout.write(HELP.slice(HELP.indexOf('Cost')));
      say('\nNothing was done. Repeat it with --yes.');
      return 2;
    }
  }
  // Only now: the clients of a dozen services take their time.
  const [{ awsAccount, emulated }, { smokeTest }] = await Promise.all([import('./place.ts'), import('./run.ts')]);
  const place = options.local ? await emulated(say) : await awsAccount(process.env);
  try {
    return await smokeTest(place, `pws-${randomBytes(4).toString('hex')}`, say);
  } finally {
    await place.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
