export default defineNuxtPlugin(() => { window.plugin = '%TOKEN_plugin%'; });
