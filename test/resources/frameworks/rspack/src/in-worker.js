export const inside = '%TOKEN_lazy-of-worker%';
