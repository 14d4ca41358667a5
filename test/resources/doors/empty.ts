/** The smallest door. */
export const handler = async () => 'done';
