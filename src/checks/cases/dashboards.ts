/** What the contract asks of `dashboards`. */
import { brokenService } from '../parts/broken-service.fixture.ts'

export const cases = brokenService({ dashboards: ['Shop'], fresh: '5m' }, [
  '[]',
  '{"dashboard":{"uid":"a","title":"Shop"}}',
])
