/** Requests of a button in CloudWatch: the same as any other, answered in HTML. */
import { answeringWidgets } from '../../lambdas/rotation/widget.ts';

const heard: unknown[][] = [];
const answered = (answer: object) =>
  answeringWidgets(async (...all: unknown[]) => {
    heard.push(all);
    return answer;
  });
beforeEach(() => heard.splice(0));

test('the widget is taken off the request, and the answer is markup', async () => {
  const answer = {
    integration: 'shop',
    outcome: 'rotated',
    message: 'Done <b>',
    records: [{ message: 'minted & published' }],
  };
  const shown = await answered(answer)({ integration: 'shop', widgetContext: { theme: 'dark' } }, 'id', 'emergency');
  expect(heard).toEqual([[{ integration: 'shop' }, 'id', 'emergency']]);
  expect(shown).toBe(
    '<div role="status"><p><strong>rotated</strong>: Done &lt;b&gt;</p><ul><li>minted &amp; published</li></ul></div>',
  );
});

test('a refusal names every fault, once', async () => {
  const answer = { integration: 'shop', outcome: 'rejected', message: 'Nothing was changed. a b', faults: ['a', 'b'] };
  expect(await answered(answer)({ widgetContext: {} }, 'id')).toBe(
    '<div role="status"><p><strong>rejected</strong>: nothing was changed.</p><ul><li>a</li><li>b</li></ul></div>',
  );
});

test.each<[string, unknown]>([
  ['a request of a person', { integration: 'shop' }],
  ['messages of the queue', { Records: [] }],
  ['nothing', undefined],
  ['a text', 'widgetContext'],
])('%s is left as it is, and so is its answer', async (_, event) => {
  const answer = { outcome: 'status' };
  expect(await answered(answer)(event, 'id')).toBe(answer);
  expect(heard).toEqual([[event, 'id', undefined]]);
});
