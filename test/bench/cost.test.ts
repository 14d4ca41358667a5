/** The table of docs/cost.md against today's counts. */
import { writtenBlock } from '../../bench/cost/document.ts';
import { costs } from '../../bench/cost/part.ts';

/** A formatter pads the cells of a table and wraps lines. */
const bare = (text: string) => text.replace(/-+/g, '-').replace(/\s+/g, ' ').trim();

test('docs/cost.md says what the counts and prices give: npm run bench -- cost --write', async () => {
  const { text } = await costs();
  expect(bare(writtenBlock('costs'))).toBe(bare(`<!-- costs -->\n\n${text}\n\n<!-- /costs -->`));
});

test('a webhook and a rotation cost no more than they do today', async () => {
  const { rotation, webhook } = await costs();
  expect(rotation.writes).toBeLessThanOrEqual(74);
  expect(rotation.reads).toBeLessThanOrEqual(27);
  expect(rotation.paddle).toBe(3);
  expect(webhook.writes).toBeLessThanOrEqual(7);
});
