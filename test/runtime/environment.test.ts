import { SettingsError } from '../../lambdas/domain/errors.ts';
import { readEnv } from '../../lambdas/runtime/environment.ts';

describe('readEnv', () => {
  test('answers the asked settings by their name, trimmed and frozen', () => {
    const env = readEnv({ AUDIT_TABLE: ' trail ', LEDGER_TABLE: 'ledger', BUS_NAME: 'bus' }, [
      'auditTable',
      'ledgerTable',
    ]);
    expect(env).toEqual({ auditTable: 'trail', ledgerTable: 'ledger' });
    expect(Object.isFrozen(env)).toBe(true);
  });

  test.each([
    ['absent', {}],
    ['empty', { AUDIT_TABLE: '', BUS_NAME: '' }],
    ['blank', { AUDIT_TABLE: '  ', BUS_NAME: '\n' }],
  ])('names every setting that is %s in one error', (_, source) => {
    const reading = () => readEnv(source, ['auditTable', 'busName']);
    expect(reading).toThrow(SettingsError);
    expect(reading).toThrow("Paddlewheel's settings are broken: AUDIT_TABLE is missing; BUS_NAME is missing");
  });

  test('does not ask for settings of other functions', () => {
    expect(readEnv({ BUS_NAME: 'bus' }, ['busName'])).toEqual({ busName: 'bus' });
  });
});
