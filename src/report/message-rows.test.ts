import { expect, test } from 'vitest'
import { message, phase, plan, step } from '../../test/support/plan-builder.ts'
import { messageRows } from './message-rows.ts'

const answer = { word: 'answer', evidence: 'optional', options: null, passes: null, fields: [], due: null } as const
const routes = [
  { channel: 'ops', audience: null, when: null },
  { channel: 'status', audience: 'users', when: 'impact' },
  { channel: 'mail', audience: 'users', when: 'impact' },
]
const told = plan([phase('p', [step('a', answer)])], {
  messages: [
    message('m', 'rollout.started', {
      to: ['ops', 'status', 'mail'],
      routes,
      everyMs: 1_800_000,
      required: true,
      preview: { role: 'lead' },
      when: 'environment == "production"',
    }),
  ],
})

test('a plan shows who is told what: a row for each audience with its channels, its condition and how', () => {
  const notes = ['every 30m', 'required', 'lead looks at it first']
  expect(messageRows(told)).toMatchObject([
    { on: 'rollout.started', to: 'ops', when: 'environment == "production"', notes },
    { on: 'rollout.started', to: 'users (status, mail)', when: '(environment == "production") && (impact)', notes },
  ])
})
