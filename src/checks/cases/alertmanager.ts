/** What the contract asks of `alertmanager`. */
import { brokenService } from '../parts/broken-service.fixture.ts'

const configured = (original: string): string => JSON.stringify({ cluster: { status: 'ready' }, config: { original } })

export const cases = brokenService(
  { receivers: ['pager'], reaches: [{ alert: { severity: 'P1' }, to: 'pager' }], silences: 'none', firing: 'none' },
  ['[]', configured('route: ['), configured('')],
)
