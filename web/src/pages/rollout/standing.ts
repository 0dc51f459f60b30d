/** Where a rollout stands, in a sentence: also before there is any traffic, and after it has ended. */
import type { Chart, ReleaseView, RolloutView } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { sayOf } from '../release/metric-words.ts'

export interface Standing {
  readonly tone: 'quiet' | 'busy' | 'good' | 'person' | 'bad'
  readonly say: string
}

export function standingOf(view: ReleaseView, rollout: RolloutView, chart: Chart | null, everyMs: number): Standing {
  const { rollback, decision, hold } = view
  const count = rollout.stages.length
  const [first, last] = [rollout.stages[0]?.weightPercent ?? 0, rollout.stages.at(-1)?.weightPercent ?? 100]
  if (rollback !== null) return { tone: 'bad', say: rolledBackWords(view) }
  if (rollout.doing === 'done')
    return {
      tone: 'good',
      say: `${count === 1 ? 'Its one stage is' : `All ${count} stages are`} done: ${last} % of the traffic is on ${view.facts.releaseVersion}.`,
    }
  if (decision?.ended === true) return { tone: 'quiet', say: `${decision.sentence} The rollout went no further.` }
  if (hold !== null)
    return { tone: 'person', say: `Held by ${hold.by}: ${hold.why}. Traffic stays where it is; judging goes on.` }
  if (rollout.stage < 0)
    return {
      tone: 'quiet',
      say: `Not begun: nobody is on ${view.facts.releaseVersion} yet. ${stageWords(count)} from ${first} % to ${last} % will follow the steps before it; the first sample comes ${spanWords(everyMs)} after the first weight stands.`,
    }
  if (rollout.doing !== 'soaking')
    return { tone: 'busy', say: 'Weights are being moved and read back; the soak begins when they stand.' }
  if (chart === null || chart.to.length === chart.history)
    return {
      tone: 'busy',
      say: `Traffic moves, and nothing has been measured yet: the first sample comes after ${spanWords(everyMs)}.`,
    }
  return verdictStanding(rollout)
}

function verdictStanding({ observed }: RolloutView): Standing {
  const verdict = observed?.verdict ?? null
  if (verdict === null) return { tone: 'busy', say: 'This stage has begun; its first sample is on its way.' }
  const tone = { go: 'good', hold: 'person', rollback: 'bad' } as const
  return { tone: tone[verdict.zone], say: sayOf(verdict) }
}

function rolledBackWords({ rollback, decision }: ReleaseView): string {
  if (rollback === null) return ''
  const { by, why, finishedAt, failed, trafficRestored, trafficToRestore, tookMs } = rollback
  const traffic = `${trafficRestored} of ${trafficToRestore} back on stable`
  if (failed !== null) return `The rollback failed: ${failed}. Traffic: ${traffic}.`
  if (finishedAt === null) return `Going back, asked by ${by}: ${why}. Traffic: ${traffic}.`
  const took = tookMs === null || tookMs < 1_000 ? '' : ` in ${spanWords(tookMs)}`
  return `${decision?.word === 'rolled back' ? 'Rolled back' : 'Taken back'}${took} by ${by}: ${why}. Traffic: ${traffic}. What was measured stays below.`
}

function stageWords(count: number): string {
  return count === 1 ? 'One stage' : `${count} stages`
}
