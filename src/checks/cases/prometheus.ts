/** What the contract asks of `prometheus`. */
import { brokenService } from '../parts/broken-service.fixture.ts'

export const cases = brokenService({ targets: 'all', rules: 'all', firing: 'none' }, [
  '{"status":"success","data":{}}',
  '{"status":"success","data":{"activeTargets":[],"groups":[]}}',
  '{"status":"success","data":{"activeTargets":[],"groups":[]},"warnings":["a store is gone"]}',
])
