export const label = () => (typeof window === 'undefined' ? 'Buy' : `Buy ${'%TOKEN_static-import%'}`);
