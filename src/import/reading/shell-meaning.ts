/** What a shell command would do: only read, change something, or destroy it; and which values it still needs. */
import type { Kind, Risk } from '../item.ts'
import { doesMore } from './shell-hidden.ts'
import { commandLines, partsOf } from './shell-parts.ts'

const destroys =
  /\brm\s+-\w*[rf]|(?:^|[;&|(`]\s*|\bsudo\s+)rm\s|\bgit\s+stash\s+(?:clear|drop)|\bdocker\s+(?:volume|image|network|container|system|builder)\s+(?:rm|prune)|\bdocker\s+rmi\b|\bjournalctl\b[^|;&]*--(?:vacuum|rotate)|\bgit\s+reset\s+--hard|\bgit\s+clean\s+-|\bgit\s+branch\s+-[dD]|\bgit\s+tag\s+-d|\bgit\s+push\b.*(?:--force|-f\b|--delete|\s:\S)|\bdrop\s+(?:table|database|schema|index)|\btruncate\b|(?<![a-z])(?:delete|destroy|drop|purge|wipe|truncate|teardown|restore|erase|uninstall)(?![a-z:])|\bprune\b|\bmigrate\s+(?:reset|revert|down)|\bdb:(?:drop|reset|rollback)|\bflushall\b|\bflushdb\b|\bdd\s+if=|\bmkfs|\bshutdown\b|\breboot\b|--force\b|\bterminate-|\bpurge\b|\bdowngrade\b|\bs3\s+(?:rm|rb)\b|\bgsutil\b[^|;&]*\s(?:rm|rb)\b|(?:\bxargs|\bparallel|-exec(?:dir)?)\s(?:[^|;&]*\s)?rm\b|\bfor\b.*\bdo\s+rm\b|\bgit\s+checkout\s+(?:--\s|\.)|\bgit\s+filter-\w+|\bshred\b|\b(?:terraform|tofu)\b[^|;&]*\bstate\s+rm\b|\byank\b|\bunpublish\b|--rollback\b|\s-rollback\b/i

const outward =
  /\bgit\s+push\b|\b(?:npm|pnpm|yarn|cargo|poetry|uv|twine|gem|mix|dart|flutter|vsce)\b[^|;&]*\b(?:publish|upload|push)\b|\bdocker(?:-|\s+)compose\b[^|;&]*\b(?:up|down|restart|stop|start|rm|exec)\b|\bdocker\s+(?:image\s+push|push|run|exec|stop|start|restart|rm|kill|login)\b|\bpodman\s+push\b|\bkubectl\b[^|;&]*\b(?:apply|create|set|scale|patch|replace|edit|rollout\s+(?:undo|restart|pause|resume)|label|annotate|cordon|drain|uncordon|exec|run|cp|expose)\b|\bhelm\b[^|;&]*\b(?:install|upgrade|rollback|uninstall)\b|\bterraform\b[^|;&]*\b(?:apply|import|taint)\b|\bpulumi\s+up\b|\baws\b[^|;&]*\s(?:update|create|put|deploy|publish|start|stop|modify|invoke|run|register|s3\s+(?:cp|sync|mv))\b|\baws\b[^|;&]*\s(?:update|create|put|start|stop|modify|register|run|reboot)-|\bgcloud\b[^|;&]*\b(?:deploy|create|update|set-traffic)\b|\bgh\s+(?:release|pr|issue|workflow|api)\s+(?:create|edit|merge|close|run|upload|comment)|\bcurl\b[^|;&]*(?:-X\s*(?:POST|PUT|PATCH|DELETE)|--request\s+(?:POST|PUT|PATCH|DELETE)|\s-d\b|--data)|\bsystemctl\s+(?:start|stop|restart|reload|enable|disable)\b|\bservice\s+\w+\s+(?:start|stop|restart)|\bssh\b|\bscp\b|\brsync\b|\bvercel\b|\bnetlify\b|\bfirebase\s+deploy|\bfly(?:ctl)?\s+deploy|\bwrangler\b[^|;&]*\b(?:deploy|publish)\b|\bheroku\b|\bmvn\b[^|;&]*\b(?:deploy|release)\b|\bansible(?:-playbook)?\b|\b(?:npm|pnpm|yarn|bun|npx|make|just|task|rake|mix|tox|nox|hatch|pdm|invoke|poe|nx|turbo|gradlew?|pytest)\b[^|;&]*(?:\b|[-_:])(?:deploy|release|publish|rollback|promote|push|ship|upload|migrate)|(?:^|[\s;&|])\.{1,2}\/\S*(?:deploy|release|publish|rollback|promote|push|ship|upload|migrate)|\bmigrate\s+(?:run|up|deploy|dev|resolve)\b(?!.*--dry-run)|\bdb:migrate\b|\balembic\s+(?:upgrade|stamp)|\bsvn\s+(?:commit|mv|copy)|--push\b|\bsetup\.py\b.*\b(?:upload|register)\b|\bgsutil\b[^|;&]*\s(?:cp|mv|rsync)\b|\bsudo\s+(?:\S+\s+)*(?:tee|sed|cp|mv|chmod|chown|install|ln)\b|>{1,2}\s*\/(?:etc|usr|var|srv|opt|proc|sys)\/|\bchmod\s+-R\b[^|;&]*\s\/|\bpg_(?:terminate|cancel|reload|rotate|switch|promote|drop|create)\w*\s*\(|\bredis-cli\b[^|;&]*\s(?:set\w*|del|expire|[lr]push|[lr]pop|hset|incr|decr|config\s+set|replicaof|slaveof|failover|eval|rename|unlink|bgsave|save)\s|\bgit\s+remote\s+(?:add|set-url|remove|rm|rename)\b|\bcrontab\b|\bapt(?:-get)?\s+(?:install|upgrade)/i

/** Letters tell: `-F` sends a form, `-f` fails; `-T` sends a file. */
const sends =
  /\bcurl\b[^|;&]*\s(?:-[a-zA-Z]*[dFT]|--(?:form|form-string|upload-file|json|data)\b|(?:-[a-zA-Z]*X|--request)[= ]*['"]?(?!['"]|GET\b|HEAD\b|OPTIONS\b)\w)|\bwget\b[^|;&]*\s--(?:post|body|method)/

const changesHere =
  /\bcurl\b[^|;&]*\s(?:-[a-z]*o\s+(?!\/dev\/null|-\s)|--output[= ](?!\/dev\/null)|--remote-name)|\byq\b[^|;&]*\s(?:-\w*i\b|--inplace)|\bopenssl\b[^|;&]*\s-out\b|\bisort\b(?!.*--check)|\bplaywright\s+install|\bdate\s+(?:-s|--set)|\bgit\s+(?:tag\s+(?!-l|--list|-n|--sort)\S|commit|add|checkout|switch|merge|rebase|cherry-pick|pull|branch\s+(?!--show|-a|-r|--list|-v)\S|stash|revert|am|apply|init|clone|rm|mv|restore|submodule\s+update)|\b(?:cargo|npm|pnpm|yarn|poetry|uv|bundle|composer|pip3?|go)\s+(?:update|upgrade|install|add|ci|version|i\b|get|remove|sync|lock|mod\s+tidy|set-version)|\bdocker\s+(?:build|tag|pull|buildx|load|save|image\s+rm)|\bmkdir\b|\btouch\b|\bmv\b|\bcp\b|\brm\b|\bsed\b[^|;&]*\s-i|--write\b|--fix\b|\bruff\s+format\b(?!.*--check)|\bblack\b(?!.*--check)|\bcargo\s+fmt\b(?!.*--check)|\bgo\s+fmt|\bgpg\b[^|;&]*(?:--sign|--detach|-s\b)|\bpython3?\s+-m\s+build|\bsetup\.py\b|\bbump\w*|\btee\b|\btar\s+-?\w*[cx]|\bzip\b|\bunzip\b|\bchmod\b|\bchown\b|\bexport\s+\w+=|\bVACUUM\b|\bANALYZE\b|\bINSERT\b|\bUPDATE\s+\w+\s+SET\b|\bALTER\b|\bCREATE\s+(?:TABLE|INDEX|DATABASE)\b|(?<![02&])>{1,2}(?![&(])\s*[\w./$"'~]/i

const reads =
  /^(?:git\s+(?:status|log|diff|show|describe|tag(?:\s+(?:-l|--list|-n|--sort).*)?$|fetch|remote|rev-\w+|ls-\w+|branch(?:\s+(?:--show-current|-a|-r|--list|-v).*)?$|blame|shortlog|cat-file|verify-tag)|kubectl\b.*\b(?:get|describe|logs|top|rollout\s+(?:status|history)|version|cluster-info|auth\s+(?:can-i|whoami)|diff|api-resources|apply\b.*--dry-run)|helm\b.*\b(?:list|ls|status|history|get|lint|template|show|search)|aws\b.*\s(?:ls|describe-\S+|get-\S+|list-\S+)|curl\b|wget\s+-q?O|http\s+GET|npm\s+(?:test|audit|outdated|ls|view|t\b)|(?:npm|pnpm|yarn|corepack|npx|make|just|task|bun)\b.*\b(?:test|tests|lint|typecheck|type-check|check|build|audit|verify|validate|format:check|outdated|status|coverage|e2e|smoke)\b|npm\s+run\s+\S*(?:test|lint|check|build|smoke|verify)|cargo\s+(?:test|clippy|build|check|audit|fmt|deny|doc|tree|bench|package|publish\b.*--dry-run)|go\s+(?:test|vet|build|list|version)|pytest|python3?\s+-m\s+(?:pytest|unittest|mypy|ruff|flake8|pylint|compileall)|ruff|mypy|flake8|pylint|bandit|black|isort|pre-commit|pip-audit|pip3?\s+(?:list|check|show|freeze|audit)|tox|nox|eslint|prettier|tsc|jest|vitest|playwright|cypress|phpunit|rspec|rubocop|mvn\s+(?:test|verify|compile)|\.?\/?gradlew?\s+(?:test|check|build)|docker\s+(?:ps|images|inspect|logs|scan|scout|manifest|version|info|stats)|docker(?:-|\s+)compose\b.*\b(?:ps|logs|config)\b|terraform\b.*\b(?:plan|validate|show|fmt\s+-check|output)|redis-cli\b.*\b(?:ping|info|get|llen|dbsize)|psql\b.*(?:-\w*c\s*["']\s*(?:select|show|explain)|\s-l\b|\\[dl])|mysql\b.*-e\s*["']\s*(?:select|show)|sqlx?\s+migrate\s+info|(?:npx\s+)?prisma\s+(?:migrate\s+(?:status|diff)|validate)|sqlx\s+migrate\s+run.*--dry-run|alembic\s+(?:current|history|heads|check)|pg_restore\b.*(?:--list|\s-l\b)|pg_isready|grep|rg|cat|ls|head|tail|wc|find|jq|yq|echo|test|diff|cmp|stat|du|df|free|uptime|date|which|openssl\s+(?:s_client|x509|verify|version)|dig|nslookup|host|ping|nc\s+-z|trivy|snyk|semgrep|gitleaks|hadolint|shellcheck|sha\d+sum|md5sum|gpg\s+--verify|twine\s+check|journalctl|systemctl\s+(?:status|is-active|list-units)|gh\s+(?:run|pr|release|issue|workflow)\s+(?:list|view|status|checks|watch)|node\s+-[vc]\b|sentry-cli\s+\w+\s+list|cd|export|(?:source|\.)\s+\S*(?:activate|\.env|nvm\.sh|rc)|set|sleep|true|false|pwd|env$|printenv|"")(?![\w-])|^\[{1,2}\s/i

/** The worst of its parts decides; a project's own script may do anything, so it counts as a change. */
export function riskOf(script: string): Risk {
  let risk: Risk = 'reads'
  for (const line of commandLines(script)) {
    if (destroys.test(acting(line))) return 'destroys'
    if (!onlyReads(line)) risk = 'changes'
  }
  return risk
}

function onlyReads(line: string): boolean {
  if (!partsOf(line).every((part) => reads.test(part))) return false
  // What is only tried changes nothing, where its tool is known for trying.
  return tries.test(line) || !(reachesOut(line) || changesHere.test(quiet(line)) || doesMore(quiet(line)))
}

/** A question to a database, and behind it something that is none. */
const asksAndMore = /\b(?:psql|mysql)\b.*;\s*(?!select\b|show\b|explain\b|\\|["'\s]|$)\w/i

const tries = /--dry-run(?!=none)\b/

function reachesOut(line: string): boolean {
  const words = quiet(line)
  return outward.test(words) || sends.test(words) || asksAndMore.test(line)
}

const literals = /"[^"]*"|'[^']*'/g

/** Marks between quotes end no command. */
function quiet(line: string): string {
  return line.replace(literals, (text) => text.replace(/[|;&<>]/g, ' '))
}

/** A command line without what is only searched for or shown, and without tools whose name says more than they do. */
function acting(line: string): string {
  return line
    .replace(/\b(?:e?grep|rg|echo)\s[^|;&>`]*/g, (text) => (text.includes('$(') ? text : ''))
    .replace(/\bpg_restore\b(?=.*(?:--list|\s-l\b))/g, '')
    .replace(/\bgit\s+restore\s+--staged\b/g, '')
}

/** Nothing but values: it runs nothing. */
export function isOnlyValues(script: string): boolean {
  return commandLines(script).every(
    (line) =>
      !/\$\(|`/.test(line) &&
      /^(?:export\s+|set\s+)?[A-Za-z_]\w*=\S*$|^cd\s+\S+$|^(?:export|set|cd)\b[^|;&]*$/.test(line),
  )
}

const shows =
  /^(?:git\s+(?:status|log|show|remote|branch|describe|tag|shortlog|diff(?!.*(?:--exit-code|--quiet))|fetch)|kubectl\b.*\b(?:get|describe|logs|top|version|rollout\s+history)|docker(?:-|\s+)(?:compose\s+)?.*\b(?:ps|images|logs|stats|inspect)|helm\s+(?:list|ls|history|status|get)|aws\b|cat|ls|head|tail|echo|wc|du|df|free|uptime|date|env|printenv|journalctl|systemctl\s+list-\w+|npm\s+(?:ls|view)|gh\s+\w+\s+(?:list|view)|jq|sort|uniq|awk|sed|cut|tr|column|cd|export|find|python3?\s+--version|\S+\s+--version)\b/

/** Ends with 0 whatever it finds: only a person who reads its output can tell. */
export function isOnlyShown(script: string): boolean {
  return commandLines(script).every((line) => partsOf(line).every((part) => shows.test(part)))
}

/** Reaches beyond this machine: somebody else sees it, or it cannot be called back. */
export function isOutward(script: string): boolean {
  return commandLines(script).some((line) => reachesOut(line) || destroys.test(acting(line)) || !isKnownLocal(line))
}

function isKnownLocal(line: string): boolean {
  return partsOf(line).every((part) => reads.test(part) || changesHere.test(part))
}

const placeholders =
  /<[A-Za-z][\w .-]{1,40}>|\bv?[XxYyZ]\.[XxYyZ](?:\.[XxYyZ])?\b|\bv?A\.B\.C\b|\bv\d+\.x(?:\.x)?\b|\bv?\d+\.\d+\.x\b|\b(?:YOUR|PREVIOUS|NEXT|NEW|OLD|CURRENT)_[A-Z_]{2,30}\b|\byour-[a-z-]{2,30}\b|\b[A-Z][A-Z0-9_]{2,30}_HERE\b|\bYYYY-?MM-?DD\b|\{[a-z][\w-]{1,30}\}/g

const versionLike =
  /^<(?:new[ _-]?)?(?:version|tag|release)>$|^v?[XxYyZA]\.|^v\d+\.x|\d+\.\d+\.x$|^(?:NEW|NEXT)_(?:TAG|VERSION)$/i
const previousLike = /^<?(?:PREVIOUS|OLD|prev\w*|old|last)[ _-]?(?:TAG|VERSION|IMAGE|RELEASE)>?$/i

/** Names left in a command, and the script with a variable for each: of the release, or asked for as an input. */
export function asked(script: string): { readonly script: string; readonly placeholders: readonly string[] } {
  const found = new Set<string>()
  const text = script.replace(placeholders, (name, at: number) => {
    if (isInComment(script, at)) return name
    if (name.startsWith('{') && script[at - 1] === '$') return name
    if (name.startsWith('{') && (script[at - 1] === '{' || name.includes(','))) return name
    found.add(name)
    const isQuoted = isInSingleQuotes(script, at)
    const variable = versionLike.test(name)
      ? `${name.startsWith('v') ? 'v' : ''}\${HOLDPOINT_VERSION}`
      : previousLike.test(name)
        ? `\${HOLDPOINT_PREVIOUS}`
        : `\${HOLDPOINT_INPUT_${name
            .replace(/[^A-Za-z0-9]+/g, '_')
            .replace(/^_|_$/g, '')
            .toUpperCase()}}`
    return isQuoted ? `'"${variable}"'` : variable
  })
  return { script: text, placeholders: [...found] }
}

/** A whole line of remarks: nobody has to give a value for it. */
function isInComment(script: string, at: number): boolean {
  return /^\s*#(?!!)/.test(script.slice(script.lastIndexOf('\n', at) + 1, at))
}

function isInSingleQuotes(script: string, at: number): boolean {
  const start = script.lastIndexOf('\n', at) + 1
  return (script.slice(Math.max(start, at - 500), at).match(/'/g)?.length ?? 0) % 2 === 1
}

/** What kind of thing a command speaks to, by its tool. */
export function kindOfCommand(command: string): Kind {
  const line = command.trim().replace(/^(?:sudo\s+|[A-Z_]+=\$\(\s*|[A-Z_]+=[^\s$]*\s+)+/, '')
  if (
    /^(?:select|insert|update|analyze|vacuum|explain|show|alter|create|with)\b[^`]*;?$/i.test(line) &&
    /;|\bfrom\b/i.test(line)
  )
    return 'sql'
  if (/^git\s/.test(line)) return 'git'
  if (/^gh\s/.test(line)) return 'github'
  if (/^kubectl\s/.test(line)) return 'kubernetes'
  if (/^aws\s/.test(line)) return 'aws'
  if (/^(?:psql|mysql|sqlite3|clickhouse-client)\s/.test(line)) return 'sql'
  if (/^(?:redis-cli|telnet|nc|kafka-\S+|pg_isready|dig|nslookup|ffmpeg|ffprobe|ping)\s/.test(line))
    return 'service-probe'
  if (/^(?:curl|wget|http|https|xh)\s/.test(line)) return 'http'
  if (/^(?:websocat|wscat)\s/.test(line)) return 'websocket'
  return 'command'
}
