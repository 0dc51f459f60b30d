import { expect, test } from 'vitest'
import { message, phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { previewOf } from './message-preview.ts'

const told = plan([phase('p', [step('q', question)])], {
  messages: [
    message('m', 'release.started', {
      body: '{{ version }} at {{ started_at | time "HH:mm" }}, errors {{ metric.errors }} (usually {{ baseline.errors }})\n{{#if metric.errors > 0.01}}\nToo many.\n{{/if}}\nOpen: {{ issues | or "None" }}, {{ next_stage_in | words }}',
      required: true,
    }),
    message('plain', 'release.closed', { body: '' }),
  ],
})

test('a preview fills messages in with values as people write them, and names what was not given', () => {
  const { messages, faults } = previewOf(told, {
    version: 'v1.2.3',
    started_at: '2026-03-01T10:00Z',
    'metric.errors': '2.5%',
    issues: 'slow search, odd colours',
    next_stage_in: '90m',
  })
  expect(faults).toEqual([])
  expect(messages).toMatchObject([
    {
      text: 'v1.2.3 at 10:00, errors 2.5% (usually not known)\nToo many.\nOpen: slow search, odd colours, 1 hour 30 minutes',
      missing: ['baseline.errors'],
      required: true,
      preview: null,
    },
    { text: 'not known', missing: ['news'] },
  ])
})

test('a value that does not fit its name is refused with what was expected', () => {
  const { faults } = previewOf(told, { started_at: 'soon', 'metric.errors': 'few', next_stage_in: '5' })
  expect(faults.map(({ name }) => name)).toEqual(['started_at', 'metric.errors', 'next_stage_in'])
})
