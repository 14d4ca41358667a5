export const late = `${Date.now()} %TOKEN_dynamic-import%`;
