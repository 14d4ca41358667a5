export default defineAppConfig({ paddle: '%TOKEN_app-config%' });
