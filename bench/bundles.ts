/** How large the functions are, and what of it is loaded only when it is needed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleHandlers, HANDLERS } from '../infra/bundle.ts';
import type { Figure, Part } from './report.ts';

/** KB. The others are kept where they are by `test/infra/bundles.test.ts`. */
const TARGETS: Readonly<Record<string, number>> = { webhook: 200, rotate: 320 };
/** Parsers of pages and scripts, and what looks at sites with them: behind a dynamic import. */
const LAZY =
  /node_modules\/(?:parse5|entities|acorn|acorn-loose|acorn-walk)\/|lambdas\/evidence\/sites\/|@aws-sdk\/client-lambda\//;
const HOLDS: Readonly<Record<string, string>> = {
  webhook: "the SDK's clients of DynamoDB and Secrets Manager, with their protocols and middleware",
  rotate: "five of the SDK's clients (DynamoDB, SSM, Secrets Manager, SQS, Lambda), zod and croner",
};

export const bundles: Part = {
  name: 'bundles',
  about: 'sizes of the deployed functions',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-bundles-'));
    try {
      const built = await bundleHandlers({ outdir: folder });
      return HANDLERS.flatMap((handler): Figure[] => {
        const { bytes, metafile } = built[handler];
        const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
        const lazy = inputs.reduce((sum, [file, { bytesInOutput }]) => sum + (LAZY.test(file) ? bytesInOutput : 0), 0);
        const figure = { unit: 'KB', target: TARGETS[handler], note: HOLDS[handler] };
        const whole = { name: handler, value: Math.round(bytes / 1000), unit: 'KB' };
        if (handler !== 'rotate') return [{ ...figure, ...whole }];
        const eager = Math.round((bytes - lazy) / 1000);
        return [whole, { ...figure, name: `${handler}, without what is loaded only for sites`, value: eager }];
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
