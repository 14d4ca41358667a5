/** The smallest handler. */
export const handler = async () => 'done';
