export const part = '%TOKEN_context-import-b%';
