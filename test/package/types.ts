/** The package's types, as TypeScript finds them in a stranger's project: as an ES module, as CommonJS, and in an older project. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT } from '../../local/python.ts';
import { run } from './tools.ts';

const BODY = `
declare const stack: Stack;
const configuration: ConfigInput = defineConfig({
  accounts: { sandbox: { environment: 'sandbox', apiKey: { secret: 'x' } } },
  integrations: [{ name: 'shop', account: 'sandbox', rotate: { every: '30 days' }, publishTo: [{ secret: 'y', jsonKey: 'z' }] }],
});
const paddlewheel = new Paddlewheel(stack, 'Paddlewheel', configuration);
const rule: Rule = paddlewheel.onTokenPublished('All');
paddlewheel.grantOperate(paddlewheel.functions.rotate);
paddlewheel.grantView(new GitHubBuildRole(stack, 'Builder', { repository: 'octocat/shop' }));
const url: string | undefined = paddlewheel.webhookUrls.sandbox;
// @ts-expect-error an environment that Paddle does not have
defineConfig({ accounts: { a: { environment: 'test', apiKey: { secret: 'x' } } }, integrations: [] });
// @ts-expect-error what is not for others
paddlewheel.configuration;
export { rule, url };
`;
const SOURCE = `import type { Stack } from 'aws-cdk-lib';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { type ConfigInput, defineConfig, GitHubBuildRole, Paddlewheel } from 'paddlewheel';
${BODY}`;

export async function checkTypes(folder: string, told: (line: string) => void): Promise<void> {
  const tsc = path.join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const [file, module] of [
    ['consumer.mts', 'nodenext'],
    ['consumer.cts', 'nodenext'],
    ['consumer.cts', 'node16'],
    ['consumer.mts', 'esnext'],
  ] as const) {
    await writeFile(path.join(folder, file), SOURCE);
    const resolution = module === 'esnext' ? ['--moduleResolution', 'bundler'] : [];
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--skipLibCheck',
      'false',
      '--types',
      '',
      '--lib',
      'es2022,esnext.disposable',
    ];
    await run(process.execPath, [tsc, ...options, '--module', module, ...resolution, file], {
      cwd: folder,
      env: process.env,
    });
    told(`            types of ${file} under ${module}`);
  }
}
