import { startLocalAws } from '../../local/aws.ts';
import { adaptersOn } from './adapters.ts';
import { startMoto } from './moto.ts';

describe('on MiniStack', () => adaptersOn({ start: startLocalAws, heedsTransactionTokens: true }));

// moto 5.2.5 takes no notice of the `ClientRequestToken` of TransactWriteItems: a repetition is refused by its own conditions.
describe('on moto', () => adaptersOn({ start: startMoto, heedsTransactionTokens: false }));
