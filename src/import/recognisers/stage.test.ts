/** Stages of a rollout, wherever they are written down. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { stage } from './stage.ts'

describe('a stage', () => {
  test.for([
    ['Stage 2: 25% (1 hour)', { stage: 2, weight: 25, soak: { value: 1, unit: 'h' } }],
    ['Phase 1 - 5% of users (30-45 minutes)', { stage: 1, weight: 5, soak: { from: 30, to: 45, unit: 'min' } }],
    ['Canary: 10% of traffic', { weight: 10 }],
    ['Full rollout to 100% of traffic', { weight: 100 }],
  ] as const)('in a heading: %s', ([title, params]) =>
    expect(known(stage, `## ${title}\n`, 1)).toMatchObject({ kind: 'canary-stage', role: 'rule', params }),
  )

  test.for([
    ['Deploy to 10% of traffic', 'canary-stage'],
    ['Canary at 5% of pods', 'canary-stage'],
    ['Promote the canary to all traffic', 'traffic-shift'],
    ['Shift traffic to the new version: 100%', 'traffic-shift'],
  ] as const)('in a step: %s', ([words, kind]) => expect(knownTask(stage, words)).toMatchObject({ kind, role: 'step' }))

  test('in a list and in a table', () => {
    expect(known(stage, '## Canary\n\n- 25% (1 hour)\n', 3)).toMatchObject({ params: { weight: 25 } })
    const table = '## Rollout\n\n| Stage | Traffic | Soak |\n|---|---|---|\n| 1 | 5 % | 20 min |\n'
    expect(known(stage, table, 5)).toMatchObject({ params: { weight: 5, soak: { value: 20, unit: 'min' } } })
  })

  test('drawn up in a block', () => {
    const text = '```\nStage 1: 5% (30 min)\nStage 2: 50% (1 h)\n```\n'
    expect(known(stage, text, 1)).toMatchObject({
      params: {
        stages: [
          { line: 2, stage: 1, weight: 5 },
          { line: 3, stage: 2, weight: 50 },
        ],
      },
    })
  })

  test.for(['Error rate < 10% in canary', 'Traffic cones are out', 'Coverage over 80%', 'Set the stage'])(
    'is none: %s',
    (words) => expect(knownTask(stage, words)).toBeNull(),
  )

  test.for(['Stage 2', 'Canary checklist: 10% of traffic', 'Sales are up 10%'])('a heading is none: %s', (title) =>
    expect(known(stage, `## ${title}\n`, 1)).toBeNull(),
  )
})
