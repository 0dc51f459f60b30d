/** Texts that are sent: their event, their channel, and what in them comes from the release. */
import { describe, expect, test } from 'vitest'
import { known } from './cases.ts'
import { message, messageOf } from './message.ts'

const text = (heading: string, lead: string, body: string, info = ''): string =>
  `## ${heading}\n\n${lead}\n\n\`\`\`${info}\n${body}\n\`\`\`\n`

describe('a message', () => {
  test.for([
    ['Announcement', 'Slack #news:', 'We ship v2.0.1', 'release.started', '#news'],
    ['Rollback announcement', 'Slack #ops:', 'Back to v1.0.0', 'rollback.started', '#ops'],
    ['Completion message', 'By e-mail:', 'Done', 'rollout.finished', 'e-mail'],
    ['Status update template', 'Post on the status page every 30 minutes:', 'All calm', 'stage.entered', 'status page'],
  ] as const)('%s', ([heading, lead, body, event, channel]) => {
    const found = known(message, text(heading, lead, body), 5)
    expect(found).toMatchObject({ kind: 'template', role: 'message', params: { event, channel } })
    expect(found?.proposal?.block).toContain(`\`\`\`md notify on=${event} to=console`)
  })

  test('that goes out again and again says how often', () => {
    const found = known(message, text('Updates', 'Message every 15 minutes:', 'All calm'), 5)
    expect(found?.params).toMatchObject({ every: { value: 15, unit: 'min' } })
    expect(found?.proposal?.block).toContain(' every=15m')
    expect(known(message, '# R\n\nPost an update every 2 hours\n', 3)).toMatchObject({
      kind: 'schedule',
      params: { operator: 'every', value: 2, unit: 'h' },
    })
  })

  test.for([
    ['Announcement', 'Run:', 'npm test', 'bash'],
    ['Output', 'It looks like this:', '12 passed', 'text'],
    ['Announcement', 'Slack #news:', '   ', ''],
    ['Announcement', 'As JSON:', '{}', 'json'],
  ] as const)('is none: %s, %s %s', ([heading, lead, body, info]) =>
    expect(known(message, text(heading, lead, body, info), 5)).toBeNull(),
  )
})

test('the versions in a message are those of the release', () => {
  expect(messageOf('v2.0.1 replaces it; rolled back to v1.9.0, see 10.0.0.1 and {{ x }}\n')).toBe(
    '{{ version }} replaces it; rolled back to {{ previous }}, see 10.0.0.1 and { { x }}',
  )
})

test('one way back and one way forward: a version is never taken for the other', () => {
  expect(messageOf('Rollback: v4.0.0 → v3.2.1. v4.0.0 is broken')).toBe(
    'Rollback: {{ version }} → {{ previous }}. {{ version }} is broken',
  )
  expect(messageOf('We go from v3.2.1 to v4.0.0', false)).toBe('We go from {{ previous }} to {{ version }}')
  expect(messageOf('v4.0.0 is out, needs agent v1.9.0', false)).toBe('v4.0.0 is out, needs agent v1.9.0')
})

test('the news that a way back is over is sent when it is over', () => {
  expect(known(message, text('Rollback message', 'Post:', 'Rollback complete'), 5)?.params).toMatchObject({
    event: 'rollback.finished',
  })
})

test('numbers of another release in a message are pointed at', () => {
  expect(known(message, text('Update', 'Post:', 'Error rate: 0.3%'), 5)?.why).toContain('those of another release')
})
