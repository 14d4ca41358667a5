/** What the package promises: the surface that others rely on, the files that it is made of, and the licences of what is in it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { billOfMaterials, componentsOf, notices } from '../../packaging/contents.ts';
import { declarations, surface } from '../../packaging/declarations.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('the surface', () => {
  let files: ReadonlyMap<string, string>;
  beforeAll(async () => {
    files = await declarations();
  }, 180_000);

  test('is that of the committed report: who changes it says so there, and in the changelog', () => {
    // To accept a change: node packaging/declarations.ts > packaging/api-surface.txt
    expect(surface(files)).toBe(read('packaging/api-surface.txt'));
  });

  test('shows nothing of the inside, and needs no types but those of CDK', () => {
    const imports = [...surface(files).matchAll(/from '([^']+)'/g)].map(([, module]) => String(module));
    expect(imports.filter((module) => !/^(\.{1,2}\/|aws-cdk-lib(\/|$)|constructs$)/.test(module))).toEqual([]);
    expect([...files.keys()].filter((file) => !file.startsWith('infra/'))).toEqual(['beacon/index.d.ts']);
  });
});

describe('the manifest', () => {
  test('needs nothing at run time but CDK, which the app brings, and Chromium, which may be left out', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
    expect(Object.keys(manifest.optionalDependencies)).toEqual(['@sparticuz/chromium', 'playwright-core']);
  });

  test('asks for the CDK that it is tested with, or a newer one', () => {
    expect(manifest.peerDependencies['aws-cdk-lib']).toBe(`^${manifest.devDependencies['aws-cdk-lib']}`);
    const cdk = JSON.parse(read('node_modules/aws-cdk-lib/package.json'));
    expect(manifest.peerDependencies.constructs).toBe(cdk.peerDependencies.constructs);
  });

  test('has a section in the changelog for its version', () => {
    expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## (\\[)?${manifest.version.replaceAll('.', '\\.')}\\b`, 'm'));
  });
});

describe('what others have written', () => {
  const inputs = (...files: string[]) => ({
    inputs: {},
    outputs: { 'a.js': { inputs: Object.fromEntries(files.map((file) => [file, { bytesInOutput: 1 }])) } },
  });
  const components = componentsOf([
    inputs('node_modules/zod/v4/core/core.js', 'lambdas/rotate.ts') as never,
    inputs('node_modules/zod/index.js', 'node_modules/@aws-sdk/client-ssm/dist-es/index.js') as never,
  ]);

  test('is told once each, with its licence', () => {
    expect(components).toMatchObject([
      { name: '@aws-sdk/client-ssm', licence: 'Apache-2.0' },
      { name: 'zod', licence: 'MIT', text: expect.stringContaining('MIT License') },
    ]);
    expect(notices(components)).toContain(components[1]?.text);
  });

  test('is listed in a bill of materials', () => {
    const bom = JSON.parse(billOfMaterials({ name: 'paddlewheel', version: '1.2.3' }, components));
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { purl: 'pkg:npm/paddlewheel@1.2.3' } },
      components: [{ purl: expect.stringMatching(/^pkg:npm\/%40aws-sdk\/client-ssm@\d/) }, { name: 'zod' }],
    });
  });
});

describe('the release', () => {
  const workflow = read('.github/workflows/release.yml');
  const at = (step: string) => workflow.indexOf(step);

  test('is tested as a whole before it is published, with provenance, by nobody’s key', () => {
    for (const step of ['npm ci', 'npm test', 'npm run test:package', 'npm publish'])
      expect(at(step)).toBeGreaterThan(0);
    expect(at('npm test')).toBeLessThan(at('npm publish'));
    expect(at('npm run test:package')).toBeLessThan(at('npm publish'));
    expect(workflow).toContain('id-token: write');
    expect(workflow).toContain('--provenance');
    expect(workflow).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN/);
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  test('hands out the very bill of materials that is in the package', () => {
    expect(workflow).toContain('dist/sbom.cdx.json');
    expect(manifest.files).toContain('dist');
  });
});
