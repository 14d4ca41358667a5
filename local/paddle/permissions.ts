/** The permissions that the simulated operations ask for. The names are Paddle's. */
export const PERMISSIONS = [
  'api_key.read',
  'client_token.read',
  'client_token.write',
  'notification.read',
  'notification.write',
  'notification_setting.read',
  'notification_setting.write',
  'notification_simulation.read',
  'notification_simulation.write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Write includes read. */
export function permits(granted: readonly Permission[], needed: Permission): boolean {
  const [entity = '', verb] = needed.split('.');
  return granted.some((own) => own === needed || (verb === 'read' && own === `${entity}.write`));
}
