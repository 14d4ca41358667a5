export const preloaded = `%UNICODE_preloaded%`;
