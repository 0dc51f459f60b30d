/** What has to be known before and beside a release: C01 to C40. */
import { type Capability, row } from './capability.ts'

export const looking: readonly Capability[] = [
  row(
    'C01',
    'Phases, sections, steps and steps inside steps',
    ['- [ ]', 'yaml phase', 'yaml group'],
    ['src/core/release/steps.test.ts', 'a parent acts before its children and checks after them'],
  ),
  row(
    'C02',
    'A document that a team already has',
    ['holdpoint import', 'holdpoint export'],
    [
      'test/import/accounting.test.ts',
      'of any Markdown without tables, every list item, heading and block of code is there once, on its line',
    ],
    ['test/web/checklists.test.ts', 'the copy shows what was added, and that the document comes back to the byte'],
  ),
  row(
    'C03',
    'Only where it applies',
    ['when=', 'only=', 'never=', 'only-for:', 'branch:'],
    ['src/core/release/steps.test.ts', 'what does not apply takes its children with it'],
  ),
  row(
    'C04',
    'A release with its version, type, target and changes',
    ['holdpoint run', 'inputs:'],
    [
      'src/core/release/release-type.test.ts',
      'a hotfix has gates of its own, and does without those that are for other types',
    ],
  ),
  row(
    'C05',
    'Phases in order, each behind its gate and in its time',
    ['yaml phase', 'due:', 'holdpoint run --at'],
    [
      'src/core/release/lead-times.test.ts',
      'are due that many working days before the planned start, at the same time of day',
    ],
  ),
  row(
    'C06',
    'Values and secrets',
    ['{{ name }}', 'capture=', 'secrets:'],
    ['src/checks/http.test.ts', 'a create, read and delete scenario passes, with captured values and cleanup'],
    ['test/attacks/secrets.test.ts', 'is in no answer of the API, no report, no bundle and no live view'],
  ),
  row(
    'C07',
    'Blanks and tables to fill in',
    ['yaml fields', 'rows:'],
    ['src/core/release/rows.test.ts', 'keeps its step open until the least rows are there and each is whole'],
  ),
  row(
    'C08',
    'A command',
    ['sh check', 'bash check', 'python check', 'node check', 'follow=', 'matrix='],
    ['src/checks/command.test.ts', 'exit 0 passes and its output is evidence'],
  ),
  row(
    'C09',
    'A flow over several steps and protocols',
    ['http check', 'kind: scenario'],
    [
      'src/checks/scenario.test.ts',
      'a session over four protocols passes, one step beside the others, and what it made is gone afterwards',
    ],
    [
      'test/e2e/scenario-after-crash.test.ts',
      'what a run made that did not live to take it away is taken away by the next, before it makes its own',
    ],
  ),
  row(
    'C10',
    'A request',
    ['http check'],
    [
      'src/checks/http.test.ts',
      'a second factor is set up and used: the one-time code comes from the seed that the service gave',
    ],
  ),
  row(
    'C11',
    'A WebSocket',
    ['kind: websocket'],
    ['src/checks/websocket.test.ts', 'lets in, greets, answers a message and a ping: everything in order'],
  ),
  row(
    'C12',
    'A service that has to answer',
    ['kind: tcp', 'kind: redis', 'kind: kafka', 'kind: rabbitmq', 'kind: nats', 'kind: rtmp', 'kind: vnc', 'sql check'],
    ['src/checks/redis.test.ts', 'who has no password is refused, or that is a failure'],
    ['src/checks/kafka.test.ts', 'every broker answers, and every partition has a leader'],
    ['src/checks/vnc.test.ts', 'over a WebSocket as well'],
  ),
  row(
    'C13',
    'A stream that is published and watched',
    ['kind: rtmp', 'kind: hls'],
    ['src/checks/rtmp.test.ts', 'a published stream appears in the statistics while it runs and is gone after its end'],
    [
      'src/checks/hls.test.ts',
      'all variants are looked at, only their newest segments are fetched, bitrates stand beside what is announced',
    ],
  ),
  row('C14', 'A query', ['sql check'], ['src/checks/sql.test.ts', 'nothing is written, whatever the query says']),
  row(
    'C15',
    'A page in a real browser',
    ['kind: browser'],
    [
      'src/checks/browser.test.ts',
      'a flow in few words goes through, with a secret that nothing recorded holds and a picture of the end',
    ],
    [
      'src/checks/browser.test.ts',
      'a page reaches no host that is not declared: no image, frame, fetch, WebSocket or redirect',
    ],
    ['test/e2e/browser-apart.test.ts', 'shows a desktop over a WebSocket, of a service whose authority is private'],
  ),
  row(
    'C16',
    'Logs',
    ['kind: log', 'kind: aws-logs'],
    [
      'src/checks/log.test.ts',
      'an error of a kind that the version before did not have fails, and one with other numbers is of the same kind',
    ],
  ),
  row(
    'C17',
    'Deliveries of webhooks',
    ['kind: webhook-sink'],
    [
      'src/checks/webhook-sink.test.ts',
      'a delivery that comes signed passes, expect sees it, and what was made is taken back',
    ],
  ),
  row(
    'C18',
    'Documentation',
    ['kind: docs', 'kind: git', 'yaml answer'],
    ['src/checks/docs.test.ts', 'links lead to files and headings that are there; what leads elsewhere is not asked'],
  ),
  row(
    'C19',
    'One version everywhere',
    ['kind: version'],
    ['src/checks/version.test.ts', 'stands in all manifests and the changelog, whether it is written with a v or not'],
  ),
  row(
    'C20',
    'The state of the repository',
    ['kind: git', 'kind: freeze'],
    ['src/checks/git.test.ts', 'merges with a branch, or names the files in conflict, and is left as it was'],
  ),
  row(
    'C21',
    'Tags and branches',
    ['kind: git-tag', 'kind: git-branch', 'kind: git-push'],
    ['src/actions/git-tag.test.ts', 'of all tags only this one is pushed, and no branch'],
  ),
  row(
    'C22',
    'What the code host knows of the commit',
    ['kind: github'],
    ['src/checks/github.test.ts', 'of a workflow the newest run for this commit counts, by name or by file'],
  ),
  row(
    'C23',
    'Work at the code host',
    ['kind: github-dispatch', 'kind: github-release', 'kind: github-issue', 'kind: github-deployment-status'],
    [
      'src/actions/github-dispatch.test.ts',
      'after a crash the run that was started goes on to be waited for, also where it is listed late',
    ],
  ),
  row(
    'C24',
    'Reports of other tools',
    ['kind: report'],
    ['src/checks/report.test.ts', 'an old report and one of another commit fail'],
  ),
  row(
    'C25',
    'Images',
    ['kind: image'],
    ['src/checks/image.test.ts', 'an image that is there passes, and gives its digest to later steps'],
  ),
  row(
    'C26',
    'A cluster',
    ['kind: kubernetes', 'kind: manifests', 'kind: kubernetes-apply', 'kind: kubernetes-rollout'],
    [
      'src/checks/kubernetes.test.ts',
      'a custom resource reaches a state in time, or fails at once at one that is the end',
    ],
    ['src/checks/manifests.test.ts', 'an exception is for one object and one rule, and one that is of no use fails'],
  ),
  row(
    'C27',
    'AWS',
    [
      'kind: aws-s3',
      'kind: aws-rds',
      'kind: aws-lambda',
      'kind: aws-cloudfront',
      'kind: aws-cloudwatch',
      'kind: aws-cost',
    ],
    ['src/checks/aws-s3.test.ts', 'the newest dump of a prefix is taken, and held to its age and size'],
    ['test/e2e/aws-canary.test.ts', 'a version that works gets all calls, stage by stage, and is read back at each'],
  ),
  row(
    'C28',
    'Certificates and names',
    ['kind: tls', 'kind: dns'],
    ['src/checks/tls.test.ts', 'that soon runs out fails with the days that are left'],
  ),
  row(
    'C29',
    'Settings',
    ['kind: config'],
    [
      'src/checks/config.test.ts',
      'are complete against an example file, match, and are judged by expect; no value is kept',
    ],
  ),
  row(
    'C30',
    'What has to be refused',
    ['kind: security-probe'],
    [
      'src/checks/security-probe.test.ts',
      'a hardened service passes all parts, and every request says that it is ours',
    ],
  ),
  row(
    'C31',
    'Many at once',
    ['kind: load'],
    [
      'src/checks/load.test.ts',
      'so many users at once are really there, each with a connection, and every request says that it is ours',
    ],
  ),
  row(
    'C32',
    'Hours of load',
    ['kind: soak'],
    ['src/checks/soak.test.ts', 'a service that keeps something of each request fails'],
  ),
  row(
    'C33',
    'A fault that has to be survived',
    ['kind: failover'],
    ['src/checks/failover.test.ts', 'that an earlier run left is mended first, and all of it begins again'],
  ),
  row(
    'C34',
    'Work that others do and report',
    ['kind: external'],
    ['src/api/results.test.ts', 'closes the step that waits for it, with who reported it'],
  ),
  row(
    'C35',
    'Places that have numbers',
    ['kind: prometheus', 'kind: scrape', 'kind: cloudwatch', 'kind: http-json', 'kind: sql', 'kind: sentry'],
    ['src/metrics/metrics.contract.ts', 'counts are those of the interval, for every kind of metric'],
    ['src/metrics/sentry.test.ts', 'none of a kind counts as none only where events arrive'],
  ),
  row(
    'C36',
    'Limits',
    ['promql check', 'expect=', 'limit:'],
    ['src/checks/promql.test.ts', 'every limit has an inside and an outside'],
  ),
  row(
    'C37',
    'A baseline',
    ['yaml baseline', 'versus=', 'versus-baseline:', 'versus-stable:'],
    [
      'src/core/release/baseline.test.ts',
      'closes by itself once every value is captured, and is frozen with the release',
    ],
  ),
  row(
    'C38',
    'Watching for a time',
    ['yaml watch', 'soak:'],
    [
      'test/e2e/watch-checks.test.ts',
      'a check that begins to fail leads back at the second failure, and the cause is in its own words',
    ],
  ),
  row(
    'C39',
    'Whether what watches is awake',
    ['kind: prometheus', 'kind: alertmanager', 'kind: dashboards', 'kind: error-sink'],
    ['src/checks/prometheus.test.ts', 'rules have to be loaded, able to be evaluated, and as the checklist says'],
    [
      'src/checks/dashboards.test.ts',
      'every panel shows values of now, with variables as chosen in the dashboard or said by the checklist',
    ],
    ['src/checks/alertmanager.test.ts', 'an alert reaches whom Alertmanager itself would tell'],
    ['src/checks/error-sink.test.ts', 'a test event of each project is sent and looked for until it is seen'],
  ),
  row(
    'C40',
    'Numbers of the business, and those that people read',
    ['yaml fields', 'sql check', 'http check', 'kind: sql', 'kind: http-json'],
    [
      'src/core/release/fields.test.ts',
      'a number that a person reads is held to the limit that a metric would be held to',
    ],
    ['src/metrics/sql.test.ts', 'the past is counted interval by interval, for a baseline'],
  ),
]
