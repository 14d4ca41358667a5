/** checkov over synthesized templates: what it finds besides what is accepted here, with the reason. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { installPythonTool } from '../../local/python.ts';

const SCRIPT = path.join(import.meta.dirname, 'python', 'checkov_templates.py');
const TIMEOUT_MS = 600_000;

/** Checks that are not for us, and why. One that finds nothing any more must go. */
export const ACCEPTED = {
  CKV_AWS_26: 'alarms tell names and numbers; `platform.kmsKey` encrypts the topic for those who must',
  CKV_AWS_27: 'SQS encrypts every queue with a key of its own; `platform.kmsKey` puts yours in its place',
  CKV_AWS_115: 'reserved concurrency is taken from the whole account; queues, groups and throttles bound the functions',
  CKV_AWS_116:
    'what fails goes to the failures queue, by an EventInvokeConfig or the event source, which checkov does not read',
  CKV_AWS_117: 'the functions reach public APIs only; `platform.vpc` puts them into your subnets',
  CKV_AWS_158: 'CloudWatch encrypts every log, and no log holds a secret; `platform.kmsKey` puts your key in its place',
  CKV_AWS_173:
    'variables hold names, never a secret, and Lambda encrypts them; `platform.kmsKey` puts your key in its place',
} as const;

export interface Report {
  readonly passed: number;
  readonly failed: readonly { readonly check: string; readonly resource: string; readonly name: string }[];
  /** Files that checkov could not read. */
  readonly unread: readonly string[];
}

/** One process for all of them: most of its time goes into starting. */
export async function checkov(...templates: readonly string[]): Promise<readonly Report[]> {
  const { commandLine, env } = await installPythonTool('checkov');
  const [python, ...args] = commandLine(SCRIPT, ...templates);
  const { stdout } = await promisify(execFile)(python, args, { env, timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  const reports: Readonly<Record<string, Report>> = JSON.parse(stdout);
  return templates.map((template) => {
    const report = reports[template];
    if (!report) throw new Error(`checkov said nothing of ${template}`);
    return report;
  });
}

export const isAccepted = (check: string): check is keyof typeof ACCEPTED => check in ACCEPTED;
