import { describe, expect, test } from 'vitest'
import type { Kind } from '../item.ts'
import { seen, task } from './cases.ts'

const cases: Readonly<Partial<Record<Kind, { readonly is: readonly string[]; readonly not: readonly string[] }>>> = {
  report: {
    is: ['All unit tests pass', 'Coverage of the parser is over 70%', 'No high vulnerabilities in the container scan'],
    not: ['The exploited vulnerability is described', 'The test lab is booked'],
  },
  github: {
    is: ['All pull requests are merged', 'Close related issues', 'CI pipeline is green', 'Release notes drafted'],
    not: ['The water pipeline was inspected', 'No security issues were found by hand'],
  },
  git: {
    is: ['Changelog updated', 'Version bumped in `pyproject.toml`', 'Create annotated tag', 'No uncommitted changes'],
    not: ['Docker image tags are listed', 'The price tag is printed'],
  },
  kubernetes: { is: ['All pods are running', 'Liveness and readiness are set'], not: ['The podcast is recorded'] },
  aws: { is: ['S3 bucket versioning is on', 'Volumes encrypted'], not: ['The bucket list is written'] },
  websocket: { is: ['WebSocket connects'], not: ['The socket wrench is in the van'] },
  'service-probe': { is: ['Redis answers', 'Kafka brokers are up'], not: ['Deploy Redis'] },
  sql: { is: ['Indexes created', 'No lock contention', 'Migrations applied'], not: ['The seating tables are set'] },
  'security-probe': {
    is: ['CORS headers configured', 'TLS version >= 1.3', 'Cannot access data of another customer'],
    not: ['OWASP findings reviewed by the lead', 'Read https://acme.dev/why'],
  },
  'metric-threshold': {
    is: ['Error rate < 2%', 'p99 latency below 800ms', 'CPU usage < 75%', 'Disk usage is acceptable'],
    not: ['The rate card is printed', 'Approved by at least 3 reviewers'],
  },
  'metric-baseline': {
    is: ['No increase in error rates', 'Compare latency against the baseline', 'Sign-ups stable'],
    not: ['The stable is cleaned'],
  },
  'load-soak': { is: ['Load tests reach 300 users', '40 concurrent sessions: fine'], not: ['Unload the truck'] },
  'file-freshness': {
    is: ['Database backup completed within the last 12 hours', 'Backup taken'],
    not: ['Backup retention is 14 days'],
  },
  'record-freshness': {
    is: ['Restore tested in the last 60 days', 'API keys rotated within last 30 days'],
    not: ['Store opened'],
  },
  notification: { is: ['Notify support', 'Update status page'], not: ['Notification template is ready'] },
  contact: { is: ['On-call engineer is known', 'Escalation contacts listed'], not: ['Contact lenses ordered'] },
  retrospective: { is: ['Hold a retrospective', 'Document lessons learned'], not: ['Schedule lunch'] },
  'change-freeze': { is: ['Schema freeze is on', 'Do not deploy on Fridays'], not: ['The freezer works'] },
  'monitor-window': { is: ['Monitor for 45 minutes', 'Watch the dashboards for 2 hours'], not: ['Buy a monitor'] },
  schedule: { is: ['DNS change scheduled'], not: ['On-call schedule confirmed'] },
  'canary-stage': { is: ['Deploy to 10% of traffic'], not: ['Error rate < 10% in canary'] },
  'traffic-shift': { is: ['Promote the canary to all traffic'], not: ['Traffic cones are out'] },
  'approval-n': { is: ['Approved by at least 2 maintainers', 'Three approvals from reviewers'], not: ['Approved'] },
  approval: { is: ['QA lead sign-off', 'Approved by the product owner'], not: ['The approval process is described'] },
  'form-field': { is: ['Build number: ____', 'Ready to go: Yes / No'], not: ['Name the release'] },
  command: {
    is: ['`npm test` passes', 'No findings (`bandit -r src`)', 'Docker images built'],
    not: ['Do not run `npm install` by hand', 'Edit `config.yaml`'],
  },
  http: {
    is: ['Health checks pass', '`GET /orders` returns 200', 'Home page loads', 'Expired token rejected with 401'],
    not: ['See https://github.com/acme/shop/pull/12'],
  },
  manual: { is: ['Buy flowers', 'Runbook documented', 'Try it by hand'], not: ['Error rate < 1%'] },
}

describe.for(Object.entries(cases))('%s', ([kind, { is, not }]) => {
  test.for([...is])('is %s', (words) => expect(task(words).kind).toBe(kind))
  test.for([...not])('is not %s', (words) => expect(task(words).kind).not.toBe(kind))
})

describe('what a place makes of its items', () => {
  test.for([
    ['a contents list is to be read', '- [Before](#before)\n- [After](#after)\n', 1, 'reference', 'note'],
    ['a stamp is about the document', '**Last updated**: 2026-01-02\n', 1, 'metadata', 'note'],
    ['a heading has a lead time', '## Code (2 weeks before)\n', 1, 'schedule', 'rule'],
    ['a heading has a span', '## Soon after (0-20 minutes)\n', 1, 'monitor-window', 'rule'],
    ['a heading is a stage', '## Stage 2: 20% of users (2 hours)\n', 1, 'canary-stage', 'rule'],
    ['a heading has a condition', '## Mobile (if applicable)\n', 1, 'decision-rule', 'rule'],
    ['limits to turn back at', '## When to roll back\n\n- Errors over 4%\n', 3, 'rollback-trigger', 'rule'],
    ['steps that take back', '## Rollback\n\n1. Put the old image back\n', 3, 'rollback-step', 'step'],
    [
      'things to prepare are none',
      '## Rollback preparation\n\n- [ ] Helm chart of before is there\n',
      3,
      'kubernetes',
      'step',
    ],
    ['go', '**Go/No-Go**:\n- PROCEED: all is calm\n', 2, 'decision-rule', 'rule'],
    ['whom to call', '## Contacts\n\n- Ops lead: ops@example.org\n', 3, 'contact', 'contact'],
    ['a message', '## Announcement\n\nSlack #news:\n\n```\nWe ship v2.0.1\n```\n', 5, 'template', 'message'],
    ['a signature', '| Role | Signature |\n|---|---|\n| QA | |\n', 3, 'approval', 'step'],
    ['a row to fill in', '| Issue | Fix |\n|---|---|\n| | |\n', 3, 'form-field', 'field'],
    ['what is never done', '## Never\n\n- [ ] a\n\n### Don’t\n\n- Skip the tests\n', 7, 'decision-rule', 'rule'],
  ] as const)('%s', ([, text, line, kind, role]) => {
    const { kind: is, role: as } = seen(text, line)
    expect([is, as]).toEqual([kind, role])
  })

  test('a plain bullet beside boxes is a note', () => {
    expect(seen('- [ ] Ship it\n\nAlso:\n\n- it is blue\n', 5)).toMatchObject({ role: 'note', state: 'manual' })
  })

  test('an item with steps in it groups them', () => {
    expect(seen('- [ ] Tests pass\n  - [ ] unit\n  - [ ] end to end\n', 1)).toMatchObject({
      role: 'group',
      kind: 'group',
    })
  })
})
