export const inner = '%TOKEN_lazy-of-federated-module%';
