/** What an installation is called: every construct finds its names by the prefix that the stack was given. */
import type { IConstruct } from 'constructs';
import { DEFAULT_PREFIX, type Names, namesFor } from '../lambdas/contract.ts';

const CONTEXT = 'paddlewheel:prefix';

/** To be called before the stack has children. */
export function setPrefix(stack: IConstruct, prefix: string): void {
  stack.node.setContext(CONTEXT, prefix);
}

const prefixOf = (scope: IConstruct): string => scope.node.tryGetContext(CONTEXT) ?? DEFAULT_PREFIX;
export const namesOf = (scope: IConstruct): Names => namesFor(prefixOf(scope));
