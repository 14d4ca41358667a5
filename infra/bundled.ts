/** The functions' code in a checkout: bundled for this synth, or once for several. */
import { bundleHandlers } from './bundle.ts';
import { bundleBrowser } from './bundling/browser-bundle.ts';
import { type Code, codeIn } from './code.ts';

/**
 * @param withBrowser whether an integration has sites
 * @throws Error when the sources cannot be bundled, or PADDLEWHEEL_BUNDLED names a folder that does not hold every function
 */
export async function bundledCode(withBrowser: boolean): Promise<Code> {
  // Where `npm test` has bundled them for all its deployments.
  const once = process.env.PADDLEWHEEL_BUNDLED;
  if (once) return codeIn(once);
  return { ...(await bundleHandlers()), ...(withBrowser ? { browser: await bundleBrowser() } : {}) };
}
