export const loader = () => Response.json({ token: '%TOKEN_resource-route%' });
