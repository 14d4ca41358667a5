import { json } from '@sveltejs/kit';

export const GET = () => json({ token: '%TOKEN_fetched-by-load%' });
