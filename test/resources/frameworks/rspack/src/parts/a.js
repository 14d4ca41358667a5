export const part = '%TOKEN_context-import-a%';
