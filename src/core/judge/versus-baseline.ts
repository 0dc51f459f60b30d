/** Metrics that are compared with a baseline: its number beside the canary's, and a hold for one that is missing. */
import type { JudgePlan, MetricPlan } from '../plan/plan.ts'
import { number } from './sentences.ts'
import type { JudgeReport, MetricReading, Verdict } from './verdict.ts'

/** What cannot be compared is not healthy: no go, and no soak. A rollback for another reason stands. */
export function besideBaseline(report: JudgeReport, judge: JudgePlan): JudgeReport {
  const compared = judge.metrics.filter((metric) => metric.baseline !== undefined)
  if (compared.length === 0) return report
  const missing = compared.find((metric) => metric.baseline === null && metric.dryRun !== true)
  const verdict = withReadings(report.verdict, compared)
  if (missing === undefined) return { ...report, verdict }
  return { soakMs: 0, verdict: verdict.zone === 'go' ? heldFor(missing, verdict) : verdict }
}

function heldFor({ name, versusBaseline }: MetricPlan, verdict: Verdict): Verdict {
  const wanted = versusBaseline?.baseline ?? name
  return {
    ...verdict,
    zone: 'hold',
    why: 'no-data',
    say: `hold: ${name} has no baseline "${wanted}" to be compared with`,
    rule: null,
  }
}

function withReadings(verdict: Verdict, compared: readonly MetricPlan[]): Verdict {
  const metrics = verdict.metrics.map((reading) => besideOne(reading, compared))
  const changed = metrics.find((reading, at) => reading !== verdict.metrics[at])
  if (changed === undefined) return verdict
  return { ...verdict, metrics, say: sayAll(verdict, metrics) }
}

/** `errors 1.31 % < 2 % rollback · stable 0.5 % · baseline 0.42 %`. */
function besideOne(reading: MetricReading, compared: readonly MetricPlan[]): MetricReading {
  const metric = compared.find(({ name }) => name === reading.metric)
  if (metric?.baseline == null) return reading
  const words = `baseline ${number(metric.baseline, metric.unit)}`
  return { ...reading, baseline: metric.baseline, say: `${reading.say} · ${words}` }
}

/** The sentence of a verdict is made of those of its metrics: each of them is said as it is now. */
function sayAll(verdict: Verdict, metrics: readonly MetricReading[]): string {
  return verdict.metrics.reduce((say, before, at) => {
    const after = metrics[at]
    return after && before.say !== '' ? say.replace(before.say, () => after.say) : say
  }, verdict.say)
}
