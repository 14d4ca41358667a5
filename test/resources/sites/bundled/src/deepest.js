export const end = (element) => element.setAttribute('data-end', '%TOKEN_deepest-dynamic-import%');
