/** Handler of `paddlewheel-browser`: opens one page in Chromium and answers what it saw. It may do nothing else. */
import { createOpenPage } from './browser/open-page.ts';
import { ENV, NAMES } from './contract.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const tools = instruments(NAMES.browser);
const allowPrivateHosts = process.env[ENV.scanPrivateHosts]?.split(',').filter((host) => host !== '') ?? [];
export const handler = wrapHandler(createOpenPage({ allowPrivateHosts }), tools);
