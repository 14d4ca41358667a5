export const which = '%TOKEN_lazy-of-inline-module%';
