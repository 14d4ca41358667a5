#!/usr/bin/env node
/** The command line: the process's own input and output, and the AWS account that its environment names. */
import { namesFor } from '../lambdas/contract.ts';
import { createAws } from './aws.ts';
import { processIo } from './io.ts';
import { prefixOf } from './prefix.ts';
import { run } from './program.ts';

const args = process.argv.slice(2);
const aws = createAws(process.env, namesFor(prefixOf(args, process.env)));
process.exitCode = await run(args, { io: processIo(), aws });
