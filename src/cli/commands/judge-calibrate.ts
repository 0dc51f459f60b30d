/** `judge calibrate`: plays a checklist's judge over stable's own past, and compares how often it errs with what it promises. */
import { calibratable, calibrationName } from '../../core/judge/calibration/record.ts'
import { judgeDigest, partsOf } from '../../core/judge/calibration/replay.ts'
import { type Calibration, type Calibrated, tally } from '../../core/judge/calibration/tally.ts'
import { type Period, windowsIn } from '../../core/judge/calibration/windows.ts'
import { countedMetrics } from '../../core/judge/statistical/subject.ts'
import type { JudgePlan, Plan, RolloutBlock } from '../../core/plan/plan.ts'
import { rateWords } from '../../report/calibration-words.ts'
import { dateWords, durationWords } from '../../report/words.ts'
import { calibrationLines } from '../calibration-text.ts'
import type { Run, Values } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import { loadPlan, workspaceOf } from '../document.ts'
import { type ExitCode, Refused, UsageFault } from '../faults.ts'
import { environmentOf, inputsOf } from '../inputs.ts'
import { replayWindows } from '../replay-windows.ts'
import { paint } from '../terminal/line.ts'
import { visible } from '../terminal/text.ts'
import { count, duration, list, text } from '../values.ts'

type Alone = Awaited<ReturnType<typeof import('../../app/alone.ts')['openAlone']>>
type Rollout = ReturnType<typeof calibratable>[number]

const usualDays = 7
const usualRuns = 100
const usualBudget = '10m'
const dayMs = 86_400_000
/** More intervals of history than this no rollout reads. */
const mostIntervals = 1000

export const judgeCalibrate: Run = async (context, words, options) => {
  const [file = ''] = words
  const settings = settingsOf(options)
  const { plan, root } = await loadPlan(file)
  const rollouts = rolloutsOf(file, plan, text(options, 'rollout'))
  const environment = environmentOf(plan, text(options, 'env'))
  const inputs = inputsOf(plan, list(options, 'set'))
  const previous = text(options, 'previous') ?? (await servingOf(context, plan, environment, rollouts))
  const workspace = await workspaceOf(root)
  const { openAlone } = await import('../../app/alone.ts')
  const version = text(options, 'version') ?? 'calibrate'
  const alone = await openAlone({ plan, version, previous, environment, inputs, workspace })
  const interrupt = new AbortController()
  const stop = (): void => interrupt.abort()
  process.once('SIGINT', stop)
  const found: Calibration[] = []
  let isGone = false
  try {
    for (const rollout of rollouts) {
      if (interrupt.signal.aborted) break
      const why = await unreachable(alone, rollout.block)
      if (why !== null && found.length === 0) throw new Refused(why, 'source-unreachable', 4)
      const of = { plan, environment, rollout, settings, signal: interrupt.signal }
      const one = await calibrated(context, alone, of)
      found.push(one.calibration)
      isGone ||= one.isUnreachable
      if (!context.json) tell(context, one.calibration)
    }
  } finally {
    process.off('SIGINT', stop)
    await alone.close()
  }
  if (context.json) printJson(context, found)
  const isKept = await keepAll(context, rollouts, found)
  if (interrupt.signal.aborted) return 130
  return isKept && !isGone ? exitOf(found) : 4
}

/** What is not shown to be within the promise is above it, for whoever acts on the exit code. */
function exitOf(found: readonly Calibration[]): ExitCode {
  return found.every(({ standing }) => standing === 'within') ? 0 : 1
}

interface Settings {
  readonly periodMs: number
  readonly runs: number
  readonly endsBy: number
  readonly splitBy: string | null
  readonly historyMs: number | null
}

function settingsOf(options: Values): Settings {
  const [days, period] = [text(options, 'days'), text(options, 'period')]
  if (days !== null && period !== null)
    throw new UsageFault('--days and --period say the same: give one of them, for example --days 7')
  const [runs, history] = [text(options, 'runs'), text(options, 'history')]
  return {
    periodMs:
      period === null ? dayMs * (days === null ? usualDays : count(days, '--days')) : duration(period, '--period'),
    runs: runs === null ? usualRuns : count(runs, '--runs'),
    endsBy: Date.now() + duration(text(options, 'budget') ?? usualBudget, '--budget'),
    splitBy: text(options, 'splitBy'),
    historyMs: history === null ? null : duration(history, '--history'),
  }
}

function rolloutsOf(file: string, plan: Plan, wanted: string | null): readonly Rollout[] {
  const all = calibratable(plan)
  const some = wanted === null ? all : all.filter(({ id, text: said }) => id === wanted || said === wanted)
  if (some.length > 0) return some
  const known = all.map(({ id }) => id).join(', ')
  if (wanted !== null && all.length > 0)
    throw new UsageFault(`--rollout is "${wanted}", expected one of ${known}, for example --rollout ${all[0]?.id}`)
  throw new UsageFault(
    `${file} has no rollout whose judge promises a chance: one with \`policy: statistical\`, \`arms:\` and a metric that counts. For example\n  judge:\n    arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }\n    metrics: { errors: { kind: ratio, bad: …, total: …, rollback: "> 2%" } }`,
  )
}

/** What users run now, where the arms ask for it: the engine has seen it, or somebody has to say it. */
async function servingOf(
  context: Context,
  plan: Plan,
  environment: string,
  rollouts: readonly Rollout[],
): Promise<string | null> {
  const asks = rollouts.some(({ block }) =>
    JSON.stringify([block.judge.arms?.stable, block.judge.metrics]).includes('previous'),
  )
  if (!asks) return null
  const client = await context.client()
  const known = await client.list({ service: plan.service, limit: 200 })
  const serving = known.find(
    (one) => one.environment === environment && ['validating', 'signed-off', 'closed'].includes(one.phase),
  )
  if (serving) return serving.version
  throw new UsageFault(
    `Nobody knows which version of ${plan.service} serves in ${environment}: say it, for example --previous 1.2.3`,
  )
}

/** Why a source of this rollout does not answer; null = all do. */
async function unreachable(alone: Alone, block: RolloutBlock): Promise<string | null> {
  const names = new Set(countedMetrics(block.judge, null).flatMap(({ source }) => source ?? block.judge.source ?? []))
  for (const name of names) {
    const found = await alone.probeSource(name)
    if (found !== null && !found.ok) return `source ${name}: ${found.say}`
  }
  return null
}

interface Calibrating {
  readonly plan: Plan
  readonly environment: string
  readonly rollout: Rollout
  readonly settings: Settings
  readonly signal: AbortSignal
}

async function calibrated(
  context: Context,
  alone: Alone,
  { plan, environment, rollout, settings, signal }: Calibrating,
): Promise<{ readonly calibration: Calibration; readonly isUnreachable: boolean }> {
  const { id, text: said } = rollout
  const block = tried(rollout.block, settings)
  const { judge } = block
  const now = Date.now()
  const period: Period = { from: now - settings.periodMs, to: now }
  const historyMs = historyOf(judge)
  const liveMs = partsOf(block).reduce((sum, { lengthMs }) => sum + lengthMs, 0)
  const { windows, fits } = windowsIn(period, { liveMs, historyMs, everyMs: judge.everyMs }, settings.runs)
  const splitBy = judge.history?.splitBy ?? settings.splitBy ?? 'instance'
  const { replays, stopped, isUnreachable } = await replayWindows(
    {
      step: id,
      block,
      splitBy,
      historyMs,
      windows,
      endsBy: settings.endsBy,
      signal,
      read: (request, limited) => alone.history(request, limited),
      unreachable: () => unreachable(alone, block),
      told: (done, last) => {
        const how = last.kind === 'unread' ? last.why : (last.rollback?.say ?? 'not rolled back')
        context.err(`… ${done} of ${windows.length}  ${dateWords(last.startsAt)}  ${visible(how)}`)
      },
    },
    Date.now,
  )
  const of: Calibrated = {
    service: plan.service,
    environment,
    planDigest: plan.digest,
    rollout: id,
    text: said,
    block,
    at: now,
    period,
    historyMs,
    splitBy,
    wanted: settings.runs,
    fits,
    stopped,
  }
  return { calibration: tally(of, replays), isUnreachable }
}

/** With what the command line wants to try in place of what the checklist says. */
function tried(block: RolloutBlock, { splitBy, historyMs }: Settings): RolloutBlock {
  const { history } = block.judge
  if (history == null && historyMs === null) return block
  const other = {
    forMs: historyMs ?? history?.forMs ?? 0,
    splitBy: splitBy ?? history?.splitBy ?? 'instance',
  }
  return { ...block, judge: { ...block.judge, history: other } }
}

function historyOf({ history, everyMs }: JudgePlan): number {
  if (history == null) return 0
  return Math.min(Math.floor(history.forMs / everyMs), mostIntervals) * everyMs
}

function tell(context: Context, found: Calibration): void {
  for (const line of calibrationLines(found))
    context.out(paint(line, { ...context.paper(), width: Number.POSITIVE_INFINITY }))
}

/** Kept as records with an age; what was not judged is nothing to keep. */
async function keepAll(
  context: Context,
  rollouts: readonly Rollout[],
  found: readonly Calibration[],
): Promise<boolean> {
  const known = new Set(rollouts.map(({ block }) => judgeDigest(block)))
  const judged = found.filter(({ runs }) => runs > 0)
  const kept = judged.filter((one) => known.has(one.judgeDigest))
  if (kept.length < judged.length) context.err('not kept: this was not the judge of the checklist')
  if (kept.length === 0) return true
  try {
    const client = await context.client()
    for (const one of kept) {
      const { sha256 } = await client.putEvidence(new TextEncoder().encode(JSON.stringify(one)))
      const name = calibrationName(one.service, one.environment, one.rollout)
      const note = `${rateWords(one)}, over ${durationWords(one.to - one.from)}`
      await client.addRecord({ name, observedAt: one.at, note, evidence: [sha256] })
      context.err(`kept as the record "${visible(name)}"`)
    }
    return true
  } catch (fault) {
    context.err(`holdpoint: not kept: ${fault instanceof Error ? fault.message : String(fault)}`)
    return false
  }
}
