export default defineNuxtConfig({
  compatibilityDate: '2025-07-01',
  telemetry: false,
  experimental: { componentIslands: true },
  routeRules: { '/pricing': { prerender: true } },
  runtimeConfig: { public: { paddleToken: '%TOKEN_runtime-default%' } },
  app: { head: { script: [{ innerHTML: "window.inline = '%TOKEN_head-script%'" }] } },
});
