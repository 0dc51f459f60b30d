/** Stages that no healthy version could ever leave by the judge's word, at the traffic that their checklist declares. */
import { assumedFor } from '../judge/simulate/assumed.ts'
import { type CertificateEstimate, estimateStages, type StageEstimate } from '../judge/simulate/estimate.ts'
import type { Compiling, Draft, DraftStage } from './draft.ts'
import { formatDuration } from './duration.ts'
import type { JudgePlan, StagePlan, TrafficPlan } from './plan.ts'
import { rateText } from './quantity.ts'

export function checkStageTraffic({ rollouts }: Draft, { problems }: Compiling): void {
  // Limits that could not be read are none, and no estimate is worth anything beside them.
  if (problems.hasErrors) return
  for (const { block, stages } of rollouts) {
    const { judge } = block
    const { traffic } = judge
    if (traffic === undefined) continue
    const needs = kindestNeeds(judge, traffic, stages.map(stagePlan))
    for (const [i, need] of needs.entries()) {
      const stage = stages[i]
      const { slowest } = need
      if (stage === undefined || slowest === null || stage.plan.onInconclusive === 'ask' || !isTooLong(need)) continue
      problems.error('stage-cannot-decide', stage.place, {
        found: `the stage "${stage.plan.title}", ${needWords(slowest)} at ${rateText(traffic.perSecond)}, and its deadline is ${formatDuration(need.deadlineMs)}`,
        expected: 'a longer soak or deadline, more weight, wider go limits, or people who decide',
        example: `{ weight: ${stage.plan.weightPercent}%, soak: ${formatDuration(stage.plan.soakMs)}, on-inconclusive: ask }`,
      })
    }
  }
}

function stagePlan({ plan }: DraftStage): StagePlan {
  return { ...plan, id: plan.id ?? '', actions: [], steps: [] }
}

/** Of one stage; null = nothing that could be reckoned with is waited for. */
interface Need {
  readonly slowest: CertificateEstimate | null
  readonly deadlineMs: number
}

function isTooLong({ slowest, deadlineMs }: Need): boolean {
  return slowest !== null && (slowest.needMs === null || slowest.needMs > deadlineMs)
}

function needWords({ needMs, metric, never }: CertificateEstimate): string {
  if (needMs !== null) return `where "${metric}" needs about ${formatDuration(roughly(needMs))} to be certain`
  if (never === 'too-few') return `where the window of "${metric}" never holds its "min-samples"`
  return `where "${metric}" is usually beyond what it may be to go`
}

/** To whole minutes, or to half hours: it is an estimate. */
function roughly(ms: number): number {
  const grain = ms > 4 * 3_600_000 ? 1_800_000 : 60_000
  return Math.max(grain, Math.round(ms / grain) * grain)
}

/** What nobody declared is taken to be whatever makes the stage shortest: a refusal must not rest on a guess. */
function kindestNeeds(judge: JudgePlan, traffic: TrafficPlan, stages: readonly StagePlan[]): readonly Need[] {
  const usual = assumedFor(judge, {})
  const shares = traffic.errorRate === null ? [usual.errorShare, usual.errorShare * 3, 1e-6] : [traffic.errorRate]
  const answers = shares.map((errorShare) => estimateStages(judge, stages, assumedFor(judge, { errorShare })))
  return stages.flatMap((_, i) => {
    const needs = answers.flatMap((each) => (each[i] === undefined ? [] : [needOf(judge, traffic, each[i])]))
    return needs.toSorted((a, b) => msOf(a) - msOf(b)).slice(0, 1)
  })
}

function msOf({ slowest }: Need): number {
  return slowest === null ? 0 : (slowest.needMs ?? Number.MAX_VALUE)
}

function needOf(judge: JudgePlan, traffic: TrafficPlan, { certificates, deadlineMs }: StageEstimate): Need {
  const isDeclared = ({ metric: name }: CertificateEstimate): boolean => {
    const metric = judge.metrics.find((one) => one.name === name)
    if (judge.policy !== 'statistical') return true
    return metric?.kind === 'histogram'
      ? traffic.p95Seconds !== null
      : metric?.kind === 'ratio' && metric.worse !== 'lower'
  }
  return { slowest: certificates.find(isDeclared) ?? null, deadlineMs }
}
