/** What the contract asks of `alertmanager`. */
import { brokenService } from '../parts/broken-service.fixture.ts'

export const cases = brokenService(
  { receivers: ['pager'], reaches: [{ alert: { severity: 'P1' }, to: 'pager' }], silences: 'none', firing: 'none' },
  [
    '[]',
    '{"cluster":{"status":"ready"},"config":{"original":"route: ["}}',
    '{"cluster":{"status":"ready"},"config":{"original":""}}',
  ],
)
