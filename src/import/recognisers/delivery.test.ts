/** What version control, code hosts, reports, clusters and clouds can be asked. */
import { describe, expect, test } from 'vitest'
import type { Kind, Recogniser } from '../item.ts'
import { knownTask, task } from './cases.ts'
import { aws, git, github, kubernetes, report } from './delivery.ts'

interface Cases {
  readonly recogniser: Recogniser
  readonly is: readonly string[]
  readonly not: readonly string[]
}

const cases: Readonly<Partial<Record<Kind, Cases>>> = {
  git: {
    recogniser: git,
    is: [
      'Changelog updated',
      'Bump the version in `pyproject.toml`',
      'Create annotated tag',
      'No uncommitted changes',
      'On the release branch',
      'Cut the branch `release-1.2`',
      'No merge conflicts with `main`',
    ],
    not: [
      'Docker image tags are listed',
      'The price tag is printed',
      'Docs name the new version',
      'Branch office informed',
    ],
  },
  github: {
    recogniser: github,
    is: [
      'All pull requests are merged',
      'Close related issues',
      'CI pipeline is green',
      'Release notes drafted',
      'Move the milestone to the next quarter',
      'PRs have two reviews',
      'Trigger the publish workflow',
    ],
    not: [
      'The water pipeline was inspected',
      'No security issues were found by hand',
      'Tests pass locally',
      'Pull the cable',
    ],
  },
  report: {
    recogniser: report,
    is: [
      'All unit tests pass',
      'End-to-end tests are green',
      'Coverage of the parser is over 70%',
      'No high vulnerabilities in the container scan',
      'Dependency scan completed',
      'Licenses of new packages reviewed',
    ],
    not: [
      'The test lab is booked',
      'Smoke tests pass',
      'The exploited vulnerability is described',
      'A scanner is bought',
    ],
  },
  kubernetes: {
    recogniser: kubernetes,
    is: [
      'All pods are running',
      'Liveness and readiness are set',
      'Resource limits are set',
      'Helm chart is in the registry',
    ],
    not: [
      'The podcast is recorded',
      'Replicas of the database are in sync',
      'The helmsman knows',
      'Deploy to canary pods',
    ],
  },
  aws: {
    recogniser: aws,
    is: ['S3 bucket versioning is on', 'CloudWatch alarms exist', 'RDS has a standby', 'Volumes encrypted'],
    not: ['The bucket list is written', 'Logs go to ELK instead of CloudWatch', 'The message is encrypted'],
  },
}

describe.for(Object.entries(cases))('%s', ([kind, { recogniser, is, not }]) => {
  test.for([...is])('is asked by: %s', (words) => {
    expect(knownTask(recogniser, words)).toMatchObject({ kind, role: 'step' })
    expect(task(words).kind).toBe(kind)
  })
  test.for([...not])('is not asked by: %s', (words) => expect(knownTask(recogniser, words)).toBeNull())
})
