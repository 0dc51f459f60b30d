/** Checklists whose rollout moves the demo's real customers, for tests about the rollout page. */
import { fileURLToPath } from 'node:url'
import type { World } from '../../demo/world.ts'

const weights = fileURLToPath(new URL('../../demo/weight.sh', import.meta.url))

export interface RolloutText {
  readonly service: string
  /** Text of the rollout's step. */
  readonly step?: string
  readonly stages: string
  /** More lines of the metrics, as deep as their names. */
  readonly metrics?: readonly string[]
  readonly policy?: string
}

/** Two metrics, sampled twice a second. */
export function rolloutText(world: World, given: RolloutText): string {
  const { previous, version } = world.settings
  return [
    '---',
    'holdpoint: 1',
    `service: ${given.service}`,
    'environments: { staging: {} }',
    'inputs:',
    `  admin_url: { default: "${world.admin}" }`,
    'sources:',
    `  shop: { kind: scrape, urls: ["${world.stable}/metrics", "${world.canary}/metrics"] }`,
    '---',
    '## Before',
    '',
    '- [ ] Somebody looks first',
    '',
    '## Rollout',
    '',
    `- [ ] ${given.step ?? 'Customers move to the new version'}`,
    '  ```yaml rollout',
    '  components:',
    `    shop: { traffic: command, set: "bash ${weights} set", read: "bash ${weights} read", restore: "bash ${weights} restore" }`,
    `  stages: ${given.stages}`,
    '  judge:',
    `    policy: ${given.policy ?? 'statistical'}`,
    '    every: 500ms',
    '    source: shop',
    `    arms: { canary: { version: "${version}" }, stable: { version: "${previous}" } }`,
    '    metrics:',
    '      errors:',
    '        kind: ratio',
    `        bad: 'http_requests_total{code=~"5..",{{arm}}}'`,
    "        total: 'http_requests_total{{{arm}}}'",
    '        go: "< 5%"',
    '        rollback: "> 8%"',
    '        outage: 15%',
    '        window: 30s',
    '      latency:',
    '        kind: histogram',
    "        buckets: 'http_request_duration_seconds_bucket{{{arm}}}'",
    '        go: "p95 < 500ms"',
    '        rollback: "p95 > 1s"',
    '        versus-stable: "p95 +300%"',
    '        window: 30s',
    ...(given.metrics ?? []),
    '    no-data: { hold: 60s, then: rollback }',
    '    grey: { within: 10m, otherwise: hold }',
    '  ```',
    '',
  ].join('\n')
}
