/** What moves, who decides, and what is kept of it: C41 to C68. */
import { type Capability, row } from './capability.ts'

export const moving: readonly Capability[] = [
  row(
    'C41',
    'Bringing components out in order',
    ['yaml deploy', 'sh run'],
    [
      'test/e2e/deployment.test.ts',
      'components come one by one, each when the one before is healthy, and go back in reverse to what each served',
    ],
  ),
  row(
    'C42',
    'Stages',
    ['yaml rollout', 'yaml stage'],
    [
      'test/e2e/four-stages.test.ts',
      'each stage deploys, soaks, is looked at and left; half the traffic waits for a person',
    ],
  ),
  row(
    'C43',
    'Traffic',
    [
      'traffic: haproxy',
      'traffic: nginx',
      'traffic: traefik',
      'traffic: httproute',
      'traffic: replicas',
      'traffic: aws-lambda',
      'traffic: aws-alb',
      'traffic: aws-cloudfront',
      'traffic: command',
    ],
    [
      'src/traffic/traffic.contract.ts',
      'what was really served is counted: the split that was ordered, and not another one',
    ],
  ),
  row(
    'C44',
    'Go on, hold or turn back',
    ['judge:', 'promote:', 'grey:'],
    ['test/e2e/haproxy-prometheus.test.ts', 'two percent more errors go back at 5 %'],
  ),
  row(
    'C45',
    'Triggers',
    ['promql trigger', 'yaml trigger', 'holdpoint release incident'],
    [
      'src/core/release/way-back.test.ts',
      'a trigger is armed with the first canary request and turns back even after 100 %',
    ],
  ),
  row(
    'C46',
    'The way back, rehearsed',
    ['sh undo', 'kind: rollback', 'holdpoint rehearse'],
    [
      'src/core/release/there-and-back.test.ts',
      'a record counts for the text that was rehearsed, within the time that the way back may take',
    ],
  ),
  row(
    'C47',
    'Migrations',
    ['kind: migrations', 'kind: freeze'],
    [
      'src/checks/migrations.test.ts',
      'a rehearsal runs there and back on the copy, takes the time of each, and leaves nothing behind',
    ],
  ),
  row(
    'C48',
    'When something is wrong',
    ['kind: incident', 'severities:', 'post-mortem:'],
    [
      'src/core/release/incidents.test.ts',
      'of a severity that turns back does so at once, tells whom the checklist names, and owes a post-mortem',
    ],
  ),
  row(
    'C49',
    'When it may happen',
    ['windows:', 'kind: freeze', 'locks:'],
    [
      'test/e2e/low-traffic.test.ts',
      'keeps a phase waiting while nothing is known or traffic is high, and lets it begin when it is low',
    ],
  ),
  row(
    'C50',
    'Backups',
    ['kind: backup', 'kind: secrets-backup', 'kind: aws-rds'],
    ['src/checks/backup.test.ts', 'its age is another for each environment'],
  ),
  row(
    'C51',
    'Restoring them',
    ['kind: restore-drill', 'kind: drill'],
    [
      'test/e2e/restore-drill.test.ts',
      'a drill on the real dump makes the record that opens the gate, and ends the reminders',
    ],
  ),
  row(
    'C52',
    'What was done, and how long ago',
    ['yaml record', 'record='],
    [
      'src/core/records/records.test.ts',
      'an age that is exactly reached still counts, and a millisecond later it does not',
    ],
  ),
  row(
    'C53',
    'Again and again',
    ['schedule:'],
    [
      'test/e2e/scheduled-drill.test.ts',
      'runs once when its time has come, and its record opens the gate of the release that waits',
    ],
  ),
  row(
    'C54',
    'What a person answers',
    ['yaml answer'],
    ['src/core/release/steps.test.ts', 'a failed check keeps the gate shut until a person retries or waives it'],
  ),
  row(
    'C55',
    'Signatures',
    ['yaml approve'],
    ['src/core/release/people.test.ts', 'a signature over something that has changed since is refused'],
  ),
  row(
    'C56',
    'Going on nevertheless',
    ['holdpoint release waive'],
    ['test/e2e/sign-off.test.ts', 'a waiver that has expired blocks again before anything is signed'],
  ),
  row(
    'C57',
    'Who is on call, and who is there',
    ['roster:', 'contacts:', 'present:', 'yaml handover'],
    [
      'test/e2e/roster-asked.test.ts',
      'a signature rests on what the service says at that moment, and never on what it said before',
    ],
  ),
  row(
    'C58',
    'Telling people',
    ['md notify', 'channels:', 'audiences:'],
    [
      'test/web/messages.test.ts',
      'a required message that failed for good holds the release, and the bar says which and why',
    ],
  ),
  row(
    'C59',
    "In the team's own words",
    ['md notify', 'holdpoint message preview'],
    ['test/messages-as-written.test.ts', 'are sent exactly as the team wrote them, with every value from the release'],
  ),
  row(
    'C60',
    'A status page',
    ['kind: status', 'kind: statuspage'],
    ['src/core/status/entries.test.ts', 'begins by itself at its time, and is over only when somebody says so'],
  ),
  row(
    'C61',
    'What is known to be wrong',
    ['yaml known-issues'],
    [
      'src/report/view/known-issues.test.ts',
      'a row that blocks can be closed or changed before anybody goes on without the table',
    ],
  ),
  row(
    'C62',
    'What was learnt, and what is left to do',
    ['follow-ups:', 'kind: follow-ups'],
    ['src/api/follow-ups.test.ts', 'a lesson of a release is a task at once, whoever reads the log'],
  ),
  row(
    'C63',
    'Whether it is ready',
    ['yaml readiness', 'holdpoint release readiness'],
    [
      'src/core/readiness/roll-up.test.ts',
      'of a checklist that asks several times whether all of it is done waits for nobody but others',
    ],
  ),
  row(
    'C64',
    'A record that shows every change',
    ['holdpoint verify', 'holdpoint audit'],
    ['src/api/audit/audit.test.ts', 'the whole log is verified, and the answer says in words what that shows'],
  ),
  row(
    'C65',
    'Who may do what',
    ['roles:', 'protected:', 'mandatory:'],
    ['src/api/rights-matrix.test.ts', 'every route says who may use it'],
  ),
  row(
    'C66',
    'Nothing is lost or done twice',
    [],
    [
      'test/e2e/crash-matrix.test.ts',
      'a release ends the same, whatever is killed before or after each of its appends',
    ],
  ),
  row(
    'C67',
    'Pages, commands and an API',
    ['holdpoint serve'],
    ['test/web/keyboard.test.ts', 'somebody signs in, finds the form, fills it in, and the release starts'],
  ),
  row(
    'C68',
    'The filled-in checklist',
    ['holdpoint export'],
    ['src/report/report.test.ts', 'shows each step with outcome, person, time, attempts and evidence'],
  ),
]
