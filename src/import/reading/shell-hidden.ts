/** What makes a command that is known to read do more: an option, a second word, a function in a query, a name that is no test. */
import { shellParts } from './shell-parts.ts'

/** Looked at in each single command, without what stands between quotes. */
const writes: readonly RegExp[] = [
  /^npm\s+audit\s+fix\b|^pre-commit\s+(?!run\b|validate)|^snyk\s+(?:monitor|ignore|fix|auth|config|container\s+monitor)\b/,
  /^(?:npm|pnpm|yarn|npx|bun|jest|vitest|playwright)\b.*\s(?:-u|--update\S*|--snapshot-update)(?=\s|$)/,
  /^(?:go\s+test|pytest|cargo)\b.*\s--?(?:update|snapshot-update)\S*(?=\s|$)/,
  /^go\s+\w+\b.*\s-(?:vettool|exec|toolexec)\b|^go\s+build\b.*\s-o\s*\//,
  /^docker\s+manifest\s+(?!inspect\b)/,
  /^git\b.*\s--(?:output|ext-diff|textconv|exec|upload-pack)\b|^git\s+(?:branch|tag)\b.*\s-[dDmMcCf]\b/,
  /^git\s+fetch\b.*(?:\s-f\b|\s--force\b|\s--prune\b|\s\+?[\w/.*-]+:\S)|^git\s+remote\s+(?!-v\b|show\b|get-url\b)\S/,
  /^find\b.*\s-f(?:print\S*|ls)\b/,
  /(?:&>|>\||(?<!\d)2>{1,2})(?!\s*(?:&|\/dev\/null))/,
  /^(?:\.?\/?gradlew?|mvn)\b.*\s(?:\S*:)?(?:install|publish|upload|deploy|clean|run)\w*\b/,
  /^node\s+-[vc]\b.*\s(?:-e|-p|--eval|--print)\b|^curl\b.*\s(?:-K|--config)(?=\s|$)/,
  /^prettier\b.*\s-w(?=\s|$)|\s--(?:autofix|install-types|fix-only|fix)(?=\s|$)|^trivy\b.*\s(?:-o|--output)\b/,
  /^redis-cli\b.*\s(?:x(?:add|del|trim)|z(?:add|rem)|s(?:add|rem)|hdel|append|get(?:set|del)|persist|move|migrate|script|debug|cluster|acl|module|publish|client\s+kill|slowlog\s+reset)\b/i,
  /^(?:bunx|(?:yarn|pnpm)\s+dlx)\s/,
]

/** Only these are known to look at a project and no more, whoever fetches them. */
const packages =
  /^npx\s+(?:--(?:no(?:-install)?|yes)\s+|-y\s+)*(?:jest|vitest|mocha|ava|playwright\s+test|cypress\s+(?:run|verify)|eslint|oxlint|biome\s+(?:check|lint|ci)|prettier|stylelint|tsc|vue-tsc|svelte-check|markdownlint\S*|commitlint|depcheck|knip|audit-ci|prisma\s+(?:migrate\s+(?:status|diff)|validate|format\s+--check)|(?:nx|turbo|lerna)\s+(?:run\s+)?(?:test|lint|build|check))(?![\w-])/

const looksOn =
  /(?:^|[-_:./])(?:tests?|testing|lint|types?|typecheck|check|checks|build|audit|verify|verification|validate|outdated|status|coverage|e2e|smoke|vet|fmt-check|unit|integration)(?=$|[-_:./\d])/i
const does =
  /(?:^|[-_:./])(?:apply|clean\w*|destroy|drop|fix|generate|init|install|kill|provision|reset|seed|setup|stop|teardown|up|update|upgrade|wipe|write)(?=$|[-_:./])/i

/** The names of what is made, or of the script that is run, say that it only looks. */
function isMadeToLook(part: string): boolean {
  const made = /^(?:make|gmake|just|task)\s+(.*)$/.exec(part)
  if (made) {
    const targets = (made[1] ?? '')
      .replace(/(?:^|\s)-(?:[CfjIo]|-(?:directory|file|jobs))(?:[= ]|(?=\d))\S+/g, ' ')
      .split(/\s+/)
      .filter((word) => word !== '' && !word.startsWith('-') && !word.includes('='))
    return targets.length > 0 && targets.every((target) => looksOn.test(target) && !does.test(target))
  }
  const script = /^(?:npm|pnpm|yarn|bun)\b(?:\s+-\S+)*\s+(?:run(?:-script)?\s+)?([\w:./-]+)/.exec(part)?.[1]
  return script === undefined || !does.test(script)
}

const functionsThatRead = new Set(
  (
    'abs age all and any array array_agg array_length as avg between bool_and bool_or cast ceil char_length coalesce concat ' +
    'convert count current_database current_setting date date_part date_trunc datediff distinct every exists extract filter ' +
    'floor format from from_unixtime greatest group_concat having if ifnull in interval json_agg json_build_object ' +
    'jsonb_agg jsonb_array_length least left length limit lower max md5 min mod not now nullif on or over ' +
    'pg_database_size pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp ' +
    'pg_postmaster_start_time pg_relation_size pg_size_pretty pg_table_size pg_total_relation_size pg_wal_lsn_diff ' +
    'pg_current_wal_lsn replace right round row_number row_to_json select split_part string_agg substr substring sum ' +
    'timestampdiff to_char to_date to_timestamp trim union unix_timestamp upper using values version when where with'
  ).split(' '),
)

/** A question to a database that locks, writes a file, or calls a function that nobody here knows. */
function asksForMore(line: string): boolean {
  const query = /\b(?:psql|mysql)\b(.*)$/i.exec(line)?.[1]
  if (query === undefined) return false
  if (/\bfor\s+(?:no\s+key\s+)?(?:update|share)\b|\binto\s+(?:out|dump)file\b|\bcopy\s|\binto\s+\w/i.test(query))
    return true
  return Array.from(query.matchAll(/(?<![$\w])([a-z_]\w*)\s*\(/gi)).some(
    ([, name]) => !functionsThatRead.has((name ?? '').toLowerCase()),
  )
}

export function doesMore(line: string): boolean {
  return (
    asksForMore(line) ||
    shellParts(line).some(
      ({ words }) =>
        writes.some((pattern) => pattern.test(words)) ||
        (/^npx\s/.test(words) && !packages.test(words)) ||
        !isMadeToLook(words),
    )
  )
}
