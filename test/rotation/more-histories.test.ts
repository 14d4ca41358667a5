/** The other half of the random histories: see `histories.test.ts`. */
import { testHalf } from './histories/half.ts';

testHalf('second');
