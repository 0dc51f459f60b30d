/** Under the stages of a plan: what each of them can find out at the traffic that the checklist declares. Pure. */
import { assumedFor } from '../core/judge/simulate/assumed.ts'
import { estimateStages, type StageEstimate } from '../core/judge/simulate/estimate.ts'
import type { RolloutBlock, StagePlan } from '../core/plan/plan.ts'
import { quantileName } from '../core/judge/sentences.ts'
import { durationWords } from '../report/words.ts'
import { countWords } from './simulate-text.ts'
import type { Line } from './terminal/line.ts'

/** One line for each stage, in their order; none where no traffic is declared, or no evidence is waited for. */
export function trafficLines({ judge, stages }: RolloutBlock, indent: string): readonly Line[] {
  if (judge.traffic === undefined) return []
  const estimates = estimateStages(judge, stages, assumedFor(judge, {}))
  return estimates.map((estimate, i) => stageLine(estimate, stages[i] as StagePlan, indent))
}

function stageLine(estimate: StageEstimate, stage: StagePlan, indent: string): Line {
  const { goMs, soakMs, requests, errorTimes } = estimate
  const facts = [
    soakMs === 0 ? '' : `${countWords(requests)} canary requests`,
    goWords(estimate),
    errorTimes === null || soakMs === 0 ? '' : `finds errors x${timesWords(errorTimes)}`,
  ].filter((fact) => fact !== '')
  const text = facts.join(', ')
  if (soakMs === 0 || (goMs !== null && goMs <= soakMs)) return [indent, [text, 'dim']]
  if (stage.onInconclusive === 'ask') return [indent, [`${text}; people are asked`, 'dim']]
  return [indent, ['! ', 'warn'], [`${text}; longer than its soak`, 'dim']]
}

function goWords({ goMs, certificates }: StageEstimate): string {
  const [slowest] = certificates
  const name =
    slowest === undefined
      ? ''
      : ` (${[slowest.metric, slowest.quantile === null ? '' : quantileName(slowest.quantile)].filter((word) => word !== '').join(' ')})`
  return goMs === null ? `never certain enough to go${name}` : `can go after about ${durationWords(goMs)}${name}`
}

function timesWords(times: number): string {
  return times < 9.95 ? times.toFixed(1) : String(Math.round(times))
}
