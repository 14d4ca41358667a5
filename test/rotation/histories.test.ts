/**
 * Thousands of random histories: installations of every kind, people who ask for everything at any time, runs that meet and die,
 * outages, webhooks sent again and out of order, deploys, clocks. An oracle of its own (`histories/oracle.ts`) checks all invariants
 * of the design by what happened at the edges of the world. More of them: `npm run soak`.
 */
import { testHalf } from './histories/half.ts';

testHalf('first');
