/** The handler of `paddlewheel-browser`. The packages that carry Chromium and drive it are put beside it at synth. */
import path from 'node:path';
import { type Bundle, bundleHandler } from '../bundle.ts';
import { ROOT } from '../root.ts';
import { BROWSER_PACKAGES } from './browser-packages.ts';

/** @param outdir default `.local/bundles` */
export const bundleBrowser = (outdir = path.join(ROOT, '.local/bundles')): Promise<Bundle> =>
  bundleHandler(path.join(ROOT, 'lambdas/browser.ts'), path.join(outdir, 'browser'), {
    external: [...BROWSER_PACKAGES],
  });
