/** Rules on tools we know: options they do not have, options they need, words they have given up, systems they need. */
import { isGoingBack } from './going-back.ts'
import { shown, type TextRule } from './text-rule.ts'

interface KnownSlip {
  readonly code: 'unknown-flag' | 'required-flag-missing' | 'obsolete-command' | 'mark-is-no-revert'
  readonly pattern: RegExp
  readonly unless?: RegExp
  /** Forward, it has its uses. */
  readonly onlyOnTheWayBack?: true
  readonly why: string
  readonly expected: string
  readonly example: string
}

const slips: readonly KnownSlip[] = [
  {
    code: 'required-flag-missing',
    pattern: /\baws\s+cloudfront\s+(?:update|delete)-distribution\b/,
    unless: /--if-match\b/,
    why: 'CloudFront refuses it without the ETag of the configuration it replaces',
    expected: '--if-match with the ETag that get-distribution-config has just given',
    example: 'aws cloudfront update-distribution --id "$ID" --if-match "$ETAG" --distribution-config file://next.json',
  },
  {
    code: 'required-flag-missing',
    pattern: /\baws\s+cloudfront\s+create-invalidation\b/,
    unless: /--paths\b|--invalidation-batch\b/,
    why: 'it needs the paths to forget',
    expected: '--paths',
    example: 'aws cloudfront create-invalidation --distribution-id "$ID" --paths "/*"',
  },
  {
    code: 'mark-is-no-revert',
    pattern: /\bprisma\s+migrate\s+resolve\b.*--rolled-back\b/,
    why: 'it only marks the migration as rolled back in the history, reverts nothing, and is refused for one that succeeded',
    expected: 'SQL that takes the change back, and a check of the schema after it',
    example: 'psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 -f migrations/0042/down.sql',
  },
  {
    code: 'mark-is-no-revert',
    pattern: /\balembic\s+stamp\b|\bflyway\b.*\srepair\b|\bliquibase\b.*\s(?:changelog-?sync|markNextChangeSetRan)\b/i,
    onlyOnTheWayBack: true,
    why: 'it only writes into the history of migrations and changes no table',
    expected: 'the command that reverts, such as alembic downgrade -1',
    example: 'alembic downgrade -1',
  },
  ...(
    [
      [
        /\bprisma\s.*--preview-feature\b/,
        'Prisma Migrate is no preview since 2.19, and the flag may be refused',
        'npx prisma migrate status',
      ],
      [/\bdocker\s+scan\b/, 'docker scan was removed', 'docker scout cves shop/api:"$HOLDPOINT_VERSION"'],
      [/(?:^|[;&|(]\s*|sudo\s+)docker-compose\s/, 'Compose 1 has ended', 'docker compose up -d'],
      [
        /\bpython3?\s+setup\.py\s+(?:sdist|bdist\w*|upload|install|test|register)\b/,
        'calling setup.py was given up',
        'python -m build',
      ],
      [/\bapt-key\s+add\b/, 'apt-key is gone', 'gpg --dearmor -o /usr/share/keyrings/shop.gpg'],
      [/\bkubectl\s+rolling-update\b/, 'kubectl rolling-update was removed', 'kubectl rollout status deploy/api'],
      [/\bhelm\s+(?:init|delete\s+--purge)\b/, 'it belongs to Helm 2', 'helm uninstall shop'],
      [/::set-output\s/, 'set-output is switched off', 'echo "version=1" >> "$GITHUB_OUTPUT"'],
      [
        /(?:^|[;&|(]\s*)hub\s+(?:release|pull-request)\b/,
        'hub has no more releases',
        'gh release create "v$HOLDPOINT_VERSION"',
      ],
    ] as const
  ).map(([pattern, why, example]) => ({
    code: 'obsolete-command' as const,
    pattern,
    why,
    expected: 'the command of today',
    example,
  })),
]

/** The same slip in every second line is told once, where it stands first. */
const knownSlips: TextRule = ({ commands }, report) => {
  for (const slip of slips) {
    const found = commands.filter(
      (command) =>
        slip.pattern.test(command.text) &&
        !slip.unless?.test(command.text) &&
        (slip.onlyOnTheWayBack === undefined || isGoingBack(command)),
    )
    const isOnce = slip.code === 'obsolete-command'
    for (const { text, line, column } of isOnce ? found.slice(0, 1) : found) {
      const { code, why, expected, example } = slip
      report(code, { line, column }, { found: `"${shown(text)}": ${why}`, expected, example })
    }
  }
}

interface KnownOptions {
  readonly command: RegExp
  readonly name: string
  /** Long options that the tool has, as its manual lists them. */
  readonly options: readonly string[]
  readonly example: string
}

const known: readonly KnownOptions[] = [
  {
    command: /\bsqlx\s+migrate\s+revert\b(.*)/,
    name: 'sqlx migrate revert',
    options:
      'source config dry-run ignore-missing database-url connect-timeout target-version no-dotenv help sqlite-create-db-wal'.split(
        ' ',
      ),
    example: 'sqlx migrate revert --target-version 42',
  },
  {
    command: /\bsqlx\s+migrate\s+run\b(.*)/,
    name: 'sqlx migrate run',
    options:
      'source config dry-run ignore-missing database-url connect-timeout target-version no-dotenv help sqlite-create-db-wal'.split(
        ' ',
      ),
    example: 'sqlx migrate run --dry-run',
  },
  {
    command: /\bprisma\s+migrate\s+deploy\b(.*)/,
    name: 'prisma migrate deploy',
    options: 'schema config help preview-feature'.split(' '),
    example: 'npx prisma migrate deploy',
  },
  {
    command: /\bgit\s+push\b(.*)/,
    name: 'git push',
    options:
      'all branches mirror tags follow-tags atomic dry-run receive-pack exec repo force delete prune quiet verbose set-upstream push-option signed no-signed force-with-lease no-force-with-lease force-if-includes no-force-if-includes verify no-verify progress no-progress thin no-thin recurse-submodules no-recurse-submodules porcelain ipv4 ipv6'.split(
        ' ',
      ),
    example: 'git push origin "v$HOLDPOINT_VERSION"',
  },
  {
    command: /\bhelm\s+rollback\b(.*)/,
    name: 'helm rollback',
    options:
      'cleanup-on-fail dry-run force force-conflicts force-replace history-max no-hooks server-side recreate-pods timeout wait wait-for-jobs namespace kube-context kubeconfig debug help kube-apiserver kube-as-group kube-as-user kube-ca-file kube-insecure-skip-tls-verify kube-tls-server-name kube-token burst-limit qps registry-config repository-cache repository-config'.split(
        ' ',
      ),
    example: 'helm rollback shop 42 --wait',
  },
  {
    command: /\bdocker\s+push\b(.*)/,
    name: 'docker push',
    options: 'all-tags disable-content-trust platform quiet help'.split(' '),
    example: 'docker push shop/api:"$HOLDPOINT_VERSION"',
  },
]

const unknownFlag: TextRule = ({ commands }, report) => {
  for (const { text, line, column } of commands) {
    for (const { command, name, options, example } of known) {
      const rest = (command.exec(text)?.[1] ?? '').split(/[|;&]/)[0] ?? ''
      const wrong = [...rest.matchAll(/\s--([a-z][\w-]*)/g)].find((match) => !options.includes(match[1] ?? ''))
      if (!wrong) continue
      report(
        'unknown-flag',
        { line, column },
        {
          found: `"${name}" with --${wrong[1]}, an option it does not have`,
          expected: 'an option of its manual',
          example,
        },
      )
    }
  }
}

const systems: readonly (readonly [system: string, pattern: RegExp])[] = [
  ['macOS', /(?:^|[;&|(]\s*)(?:xcodebuild|xcrun|codesign|productbuild|pkgbuild|hdiutil|notarytool|agvtool)\s/],
  ['Windows', /(?:^|[;&|(]\s*)(?:msbuild|signtool|choco|winget)\s/i],
]

/** Told once for each system: a release engine mostly runs on Linux, and the result must come from elsewhere. */
const needsAnotherSystem: TextRule = ({ commands }, report) => {
  for (const [system, pattern] of systems) {
    const first = commands.find(({ text }) => pattern.test(text))
    if (!first) continue
    report('needs-another-system', first, {
      found: `"${shown(first.text)}", which only runs on ${system}`,
      expected: 'the result of a job there, read as a report or answered by a person',
      example: '```yaml answer\nowner: mobile\nevidence: required\n```',
    })
  }
}

const otherPorts: Readonly<Record<string, string>> = {
  22: 'SSH',
  25: 'SMTP',
  1935: 'RTMP',
  2181: 'ZooKeeper',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  5672: 'AMQP',
  6379: 'Redis',
  9092: 'Kafka',
  11211: 'Memcached',
  27017: 'MongoDB',
}

const wrongPort: TextRule = ({ commands }, report) => {
  for (const { text, line, column } of commands) {
    const port = /\bhttps?:\/\/[^\s/:"']+:(\d+)/.exec(text)?.[1] ?? ''
    const protocol = otherPorts[port]
    if (protocol === undefined) continue
    report(
      'wrong-port',
      { line, column },
      {
        found: `"${shown(text)}": HTTP is asked on port ${port}, where ${protocol} is spoken, so the call hangs until it is given up`,
        expected: `the port of the HTTP page, or a check of kind tcp on ${port}`,
        example: 'curl -fsS --max-time 10 http://localhost:8080/stat',
      },
    )
  }
}

export const knownCommandRules: readonly TextRule[] = [knownSlips, unknownFlag, needsAnotherSystem, wrongPort]
