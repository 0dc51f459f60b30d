/** Writes the blocks of a rollout: what is moved, its stages, and one judge with the limits of the document. */
import type { FoundRollout, FoundStage } from './stages.ts'
import { judgeQueries } from './metric-queries.ts'
import type { Policy, PolicyMetric } from './policy.ts'

const role = 'release-engineer'

/** `asks`: stages, by their place, that people let go on. */
export function rolloutBlock(rollout: FoundRollout, policy: Policy, asks: ReadonlySet<number>): string {
  const stages =
    rollout.form === 'sections'
      ? []
      : [
          'stages:',
          ...rollout.stages.map((stage, at) => `  - { ${stageSettings(stage, at, policy, asks).join(', ')} }`),
        ]
  return [
    '```yaml rollout',
    'components:',
    '  service:',
    '    traffic: command',
    '    set: $HOLDPOINT_INPUT_SET_WEIGHT',
    '    read: $HOLDPOINT_INPUT_READ_WEIGHT',
    ...stages,
    ...judgeLines(policy),
    '```',
  ].join('\n')
}

export function stageBlock(stage: FoundStage, at: number, policy: Policy, asks: ReadonlySet<number>): string {
  return ['```yaml stage', ...stageSettings(stage, at, policy, asks), '```'].join('\n')
}

function stageSettings(
  { weight, soak }: FoundStage,
  at: number,
  { metrics }: Policy,
  asks: ReadonlySet<number>,
): readonly string[] {
  const own = metrics.flatMap(({ metric, overrides }) => {
    const limits = overrides.get(at)
    return limits ? [`${metric.name}: { ${limitSettings(limits).join(', ')} }`] : []
  })
  return [
    `weight: ${weight}%`,
    ...(soak === null ? [] : [`soak: ${soak}`]),
    ...(asks.has(at) ? [`promote: ${role}`] : []),
    ...(own.length > 0 ? [`judge: { ${own.join(', ')} }`] : []),
  ]
}

function judgeLines({ metrics }: Policy): readonly string[] {
  if (metrics.length === 0) return []
  return [
    'judge:',
    '  arms:',
    '    canary: { version: "{{version}}" }',
    '    stable: { version: "{{previous}}" }',
    '  metrics:',
    ...metrics.flatMap((each) => [
      `    ${each.metric.name}:`,
      ...[...judgeQueries(each.metric), ...limitSettings(each)].map((setting) => `      ${setting}`),
    ]),
  ]
}

/** The judge of a watch that has no rollout before it. */
export function watchJudgeLines(policy: Policy): readonly string[] {
  return judgeLines(policy)
}

function limitSettings({ go = [], rollback = [], versusStable = [] }: Partial<PolicyMetric>): readonly string[] {
  return [
    ...(go.length > 0 ? [`go: "${go.join(', ')}"`] : []),
    ...(rollback.length > 0 ? [`rollback: "${rollback.join(', ')}"`] : []),
    ...(versusStable.length > 0 ? [`versus-stable: "${versusStable.join(', ')}"`] : []),
  ]
}
