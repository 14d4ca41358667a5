export const environment = { paddle: { token: '%TOKEN_environment%' } };
