export const finish = () => console.info('%TOKEN_nested-dynamic-import%');
