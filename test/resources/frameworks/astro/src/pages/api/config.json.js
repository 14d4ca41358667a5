export const GET = () => Response.json({ token: '%TOKEN_endpoint%' });
