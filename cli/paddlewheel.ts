#!/usr/bin/env node
/** The command line: the process's own input and output, and the AWS account that its environment names. */
import { createAws } from './aws.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

process.exitCode = await run(process.argv.slice(2), { io: processIo(), aws: createAws(process.env) });
