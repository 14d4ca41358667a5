/** What is to be shown: the widget's parameters, or what a button of the page before says. Nothing is refused; what makes no sense is ignored. */
export interface Wanted {
  readonly describe: boolean;
  readonly theme: 'light' | 'dark';
  /** Only this one, with all details. */
  readonly integration?: string;
  readonly search: string;
  readonly page: number;
}

type Fields = Readonly<Record<string, unknown>>;
const MOST_SEARCH = 100;
const MOST_PAGES = 10_000;
const OURS = ['view', 'integration', 'search', 'page'];

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** @param event `{ describe }`, or parameters beside CloudWatch's `widgetContext` */
export function parseWanted(event: unknown): Wanted {
  const given = fieldsOf(event);
  const context = fieldsOf(given.widgetContext);
  const typed = fieldsOf(fieldsOf(context.forms).all);
  // A button's own parameters stand for themselves; without any, the widget's apply.
  const fields = OURS.some((name) => name in given) ? given : fieldsOf(context.params);
  const search = given.view === 'search' ? typed.search : fields.search;
  const page = Number(fields.page);
  const { integration } = fields;
  return {
    describe: given.describe === true,
    theme: context.theme === 'dark' ? 'dark' : 'light',
    ...(typeof integration === 'string' && integration.trim() !== '' ? { integration: integration.trim() } : {}),
    search: typeof search === 'string' ? search.trim().slice(0, MOST_SEARCH) : '',
    page: Number.isInteger(page) && page >= 1 && page <= MOST_PAGES ? page : 1,
  };
}
