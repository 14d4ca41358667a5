/** How large the functions are, and what of it is loaded only when it is needed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleHandlers, HANDLERS } from '../infra/bundle.ts';
import type { Figure, Part } from './report.ts';

/** KB. The others are kept where they are by `test/infra/bundles.test.ts`. */
const TARGETS: Readonly<Record<string, number>> = { webhook: 200, rotate: 320 };
const HOLDS: Readonly<Record<string, string>> = {
  webhook: "the SDK's clients of DynamoDB, Secrets Manager and SSM, with their protocols and middleware",
  rotate:
    'the SDK with its clients of DynamoDB, SSM, Secrets Manager and SQS is 173 KB; croner, zod and Powertools are 90, ours is 160',
};

export const bundles: Part = {
  name: 'bundles',
  about: 'sizes of the deployed functions',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-bundles-'));
    try {
      const built = await bundleHandlers({ outdir: folder });
      return HANDLERS.flatMap((handler): Figure[] => {
        const { bytes, lazyBytes } = built[handler];
        const figure = { unit: 'KB', target: TARGETS[handler], note: HOLDS[handler] };
        const first = { ...figure, name: handler, value: Math.round(bytes / 1000) };
        if (lazyBytes === 0) return [first];
        return [
          first,
          { name: `${handler}: loaded when it is needed`, value: Math.round(lazyBytes / 1000), unit: 'KB' },
        ];
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
