/** `npm start`: the whole of Paddlewheel on this machine, and a tour through it. */
import { Listr } from 'listr2';
import { askedOf } from './asked.ts';
import { keepRunning } from './keep.ts';
import { timeline } from './tour/timeline.ts';
import { Tour } from './tour/tour.ts';

const HELP = `npm start [-- options]

Starts a local AWS and a Paddle simulator, deploys Paddlewheel to it with the ordinary cdk, and takes one
integration through two rotations: minted, published, built, held, revoked, audited. Exits 0 when all of it happened.

  --keep     leave everything running and print addresses and commands to play with; Ctrl-C ends it
  --json     print one JSON object with what happened, and nothing else, on standard output
  --help     this text

Environment
  PADDLEWHEEL_AWS_URL          a MiniStack that runs already, instead of one of our own
  PADDLEWHEEL_PADDLE_URL       any Paddle-compatible API instead of the bundled simulator, with
  PADDLEWHEEL_PADDLE_API_KEY     its API key, and
  PADDLEWHEEL_WEBHOOK_SECRET     the secret that its webhooks are signed with
`;

const { values: options } = askedOf(HELP, {
  options: { keep: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const tour = new Tour();
  const started = Date.now();
  const seconds: Record<string, number> = {};
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  interrupted.catch(() => {});
  const tasks = new Listr(
    tour.steps.map(({ title, run }) => ({
      title,
      task: async (_: unknown, task: { output: string; title: string }) => {
        const begun = Date.now();
        let last = '';
        await run((line) => {
          last = line;
          // A terminal shows the latest line in place; elsewhere every line would stay.
          if (process.stdout.isTTY) task.output = line;
        });
        task.output = last;
        seconds[title] = (Date.now() - begun) / 1000;
      },
      rendererOptions: { persistentOutput: true, outputBar: 1 },
    })),
    { renderer: options.json ? 'silent' : 'default', fallbackRenderer: 'simple', registerSignalListeners: false },
  );
  try {
    await Promise.race([tasks.run(), interrupted]);
    report(tour, seconds, (Date.now() - started) / 1000);
    if (options.keep) await keepRunning(tour, options.json ? console.error : console.log, interrupted);
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (options.json) console.log(JSON.stringify({ ok: false, reason, ...tour.findings }, null, 2));
    else console.error(`\nThe tour ended early: ${reason}`);
    return 1;
  } finally {
    await tour.stop();
  }
}

function report(tour: Tour, seconds: Record<string, number>, total: number): void {
  if (options.json) {
    console.log(
      JSON.stringify({ ok: true, seconds: total, ...tour.findings, timeline: timeline(tour.entries) }, null, 2),
    );
    return;
  }
  console.log('\nThe audit trail\n');
  for (const line of timeline(tour.entries)) console.log(`  ${line}`);
  console.log('\nSummary\n');
  const width = Math.max(...Object.keys(seconds).map((title) => title.length));
  for (const [title, took] of Object.entries(seconds))
    console.log(`  ${title.padEnd(width)}  ok  ${took.toFixed(1).padStart(6)} s`);
  console.log(`  ${'All of it'.padEnd(width)}  ok  ${total.toFixed(1).padStart(6)} s\n`);
}
