/** The judge that a checklist names: hands each subject to the policy of its plan. */
import type { JudgePlan, JudgePolicy } from '../plan/plan.ts'
import type { Judge, JudgeSubject } from '../ports/judge.ts'
import { mannWhitneyJudge } from './mann-whitney.ts'
import { statisticalJudge } from './statistical-judge.ts'
import { thresholdJudge } from './threshold.ts'
import type { JudgeState } from './verdict.ts'
import { besideBaseline } from './versus-baseline.ts'

const judges: Readonly<Record<JudgePolicy, Judge>> = {
  statistical: statisticalJudge,
  threshold: thresholdJudge,
  'mann-whitney': mannWhitneyJudge,
}

/** Plans stored before there were several policies were decided by thresholds. */
export function policyOf(judge: JudgePlan): JudgePolicy {
  return judge.policy ?? 'threshold'
}

/**
 * One judge for all policies. A state of another policy, as after an amended plan, says nothing to this one: it starts
 * afresh, which holds until there is evidence again.
 */
export const canaryJudge: Judge = {
  name: 'canary',

  start(subject, before) {
    const judge = judgeOf(subject)
    return judge.start(subject, before !== null && isOf(judge, before) ? before : null)
  },

  observe(state, batch, subject) {
    const judge = judgeOf(subject)
    return judge.observe(isOf(judge, state) ? state : judge.start(subject, null), batch, subject)
  },

  report(state, subject) {
    const judge = judgeOf(subject)
    return besideBaseline(judge.report(isOf(judge, state) ? state : judge.start(subject, null), subject), subject.judge)
  },
}

function judgeOf({ judge }: JudgeSubject): Judge {
  return judges[policyOf(judge)]
}

function isOf(judge: Judge, state: JudgeState): boolean {
  return state.judge === judge.name
}
