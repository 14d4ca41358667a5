export const nested = '%TOKEN_nested-import%';
