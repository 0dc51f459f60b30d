/** What a step asks that has no block of its own: whether it is done. */
import type { AnswerBlock, AnswerSpec } from '../plan.ts'

export const plainAnswer: AnswerSpec = { evidence: 'optional', options: null, passes: null, fields: [], due: null }

/** One for all of them. */
export const plainAnswerBlock: AnswerBlock = Object.freeze({ word: 'answer', ...plainAnswer })
