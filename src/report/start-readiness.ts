/** What a release with a checklist would wait for as things stand, before there is one. Pure. */
import { needsOf } from '../core/plan/record-needs.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { FollowUp } from '../core/ports/follow-up.ts'
import type { LedgerRecord } from '../core/ports/store.ts'
import { fitOf } from '../core/records/fit.ts'
import { approvalsIn, type Signers, tooFewSigners } from '../core/readiness/signers.ts'
import { startNow } from '../core/release/start-now.ts'
import type { Instant } from '../core/units.ts'
import { followUpLine, type ReadinessLine } from './readiness.ts'
import { dateWords } from './words.ts'

export interface BeforeStart {
  /** Who could sign where the reader could start it; empty = nowhere. */
  readonly signers: readonly { readonly environment: string; readonly signers: Signers }[]
  readonly now: Instant
  /** Those of its project; null = the reader may not see them. */
  readonly records: readonly LedgerRecord[] | null
  /** Of its service. */
  readonly followUps: readonly FollowUp[]
  /** Open ones of its service's releases. */
  readonly incidents: readonly { readonly version: string; readonly severity: string; readonly reason: string }[]
}

export function startReadiness(plan: Plan, around: BeforeStart): readonly ReadinessLine[] {
  return [
    signersLine(plan, around.signers),
    records(plan, around),
    windowLine(plan, around.now),
    incidents(around),
    followUpLine(around.followUps, around.now),
  ]
}

/** Whether enough people hold the roles that signatures ask for, the one who starts it left out. */
export function signersLine(plan: Plan, places: BeforeStart['signers']): ReadinessLine {
  const line = { id: 'signers', what: 'Enough people to sign' }
  const asked = places.filter(({ environment }) => approvalsIn(plan, environment).length > 0)
  if (asked.length === 0) return { ...line, answer: 'not asked', say: 'no signature is asked for', steps: [] }
  const found = asked.flatMap(({ environment, signers }) =>
    tooFewSigners(plan, environment, signers).map((few) => ({ environment, ...few })),
  )
  const said = [...new Set(found.map(({ say }) => say))].map((say) => {
    const where = found.filter((one) => one.say === say).map(({ environment }) => environment)
    return where.length < asked.length ? `${where.join(', ')}: ${say}` : say
  })
  return {
    ...line,
    answer: found.length === 0 ? 'yes' : 'no',
    say: found.length === 0 ? 'as far as it is known who holds the roles' : said.join('; '),
    steps: [...new Set(found.map(({ step }) => step))],
  }
}

function records(plan: Plan, { records: all, now }: BeforeStart): ReadinessLine {
  const line = { id: 'records', what: 'Records fresh' }
  const needs = needsOf(plan)
  if (needs.length > 0 && all === null)
    return { ...line, answer: 'not asked', say: `${needs.length} asked for, which you may not see`, steps: [] }
  const fits = needs.map((wish) => ({ step: wish.step, ...fitOf(all ?? [], wish, now) }))
  if (fits.length === 0) return { ...line, answer: 'not asked', say: 'no record is asked for', steps: [] }
  const due = fits.filter(({ record }) => record === null)
  const told = due.length > 0 ? due : fits
  return {
    ...line,
    answer: due.length === 0 ? 'yes' : 'no',
    say: `${fits.length - due.length} of ${fits.length}; ${told.map(({ say }) => say).join('; ')}`,
    steps: due.map(({ step }) => step),
  }
}

function windowLine(plan: Plan, now: Instant): ReadinessLine {
  const line = { id: 'window', what: 'A start now keeps windows and lead times', steps: [] }
  if (plan.phases.every(({ window, due }) => window === null && due === undefined))
    return { ...line, answer: 'not asked', say: 'no phase names a window or a lead time' }
  const course = startNow(plan, now)
  if (course.kind === 'refused') return { ...line, answer: 'no', say: course.why }
  return { ...line, answer: 'yes', say: `it would be through at ${dateWords(course.endsAt)} at the earliest` }
}

function incidents({ incidents: open }: BeforeStart): ReadinessLine {
  const say = open.map(({ version, severity, reason }) => `${severity} of ${version}: ${reason}`).join('; ')
  const answer = open.length === 0 ? 'yes' : 'no'
  return { id: 'incidents', what: 'No open incident', answer, say: say || 'none', steps: [] }
}
