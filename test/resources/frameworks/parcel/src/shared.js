export const shared = '%TOKEN_shared%';
