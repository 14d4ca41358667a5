/** What a person does about an error of AWS's clients, which say what is wrong and not what to do. */
import type { Names } from '../lambdas/contract.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface Met {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly env: Env;
  readonly names: Names | undefined;
}

const region = ({ env }: Met): string => env.AWS_REGION || 'this region';

/** The first that fits speaks. */
const REMEDIES: readonly (readonly [fits: (met: Met) => boolean, remedy: (met: Met) => string])[] = [
  [
    ({ message }) => /^Region (?:is missing$|not accepted)/.test(message),
    () => 'Say which region: --region eu-west-1, or AWS_REGION, or a region in the profile.',
  ],
  [
    ({ name, env }) => name === 'CredentialsProviderError' && Boolean(env.AWS_PROFILE),
    ({ env }) =>
      `Is there a profile "${env.AWS_PROFILE}" ("aws configure list-profiles"), and are you signed in ("aws sso login --profile ${env.AWS_PROFILE}")?`,
  ],
  [
    ({ name }) => name === 'CredentialsProviderError',
    () => 'Sign in to AWS first ("aws sso login", "aws configure"), or name a profile: --profile work.',
  ],
  [
    ({ name }) =>
      /^(TokenProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/.test(
        name,
      ),
    () => 'Your sign-in to AWS has ended, or is for something else: sign in again ("aws sso login").',
  ],
  [
    ({ name }) => /^(ResourceNotFoundException|ParameterNotFound)$/.test(name),
    (met) =>
      `Nothing called "${met.names?.bus ?? 'paddlewheel'}" is deployed in ${region(met)} of this account. Is it another one (--region, --profile, --prefix)? Else "npx cdk deploy".`,
  ],
  [
    ({ name }) => /^AccessDenied(Exception)?$/.test(name),
    () => 'You may not do this with these credentials. Who may do what: docs/security.md.',
  ],
  [
    ({ code, env }) => code === 'ECONNREFUSED' && Boolean(env.AWS_ENDPOINT_URL),
    ({ env }) => `Nobody answers at AWS_ENDPOINT_URL (${env.AWS_ENDPOINT_URL}): start it, or unset the variable.`,
  ],
  [
    ({ code }) => /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH)$/.test(code),
    (met) => `AWS was not reached. Is the region right (${region(met)}), and is there a network?`,
  ],
];

/** @returns a sentence or two; `undefined` when the error says it itself */
export function remedyFor(error: unknown, env: Env, names: Names | undefined): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const met = { name, message, code: String((error as NodeJS.ErrnoException).code ?? ''), env, names };
  return REMEDIES.find(([fits]) => fits(met))?.[1](met);
}
