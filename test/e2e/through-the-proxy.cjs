/**
 * Loaded into every function before its own code (`--require`). The local AWS gives all functions the same credentials;
 * this way each signs with a key that is called after it, so that whoever sees a request knows whose it is.
 */
const { env } = process;
env.AWS_ACCESS_KEY_ID = env.AWS_LAMBDA_FUNCTION_NAME || env.AWS_ACCESS_KEY_ID;
