/** What an installation is called: every construct finds its names by the prefix that the installation was given. */
import type { IConstruct } from 'constructs';
import { DEFAULT_PREFIX, type Names, namesFor } from '../lambdas/contract.ts';

const CONTEXT = 'paddlewheel:prefix';

/** To be called before the installation has children. */
export function setPrefix(installation: IConstruct, prefix: string): void {
  installation.node.setContext(CONTEXT, prefix);
}

const prefixOf = (scope: IConstruct): string => scope.node.tryGetContext(CONTEXT) ?? DEFAULT_PREFIX;
export const namesOf = (scope: IConstruct): Names => namesFor(prefixOf(scope));
