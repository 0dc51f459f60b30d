/** Commands between backticks in the words of a step, and what success of theirs means. */
import type { Around, Finding, ImportItem, Kind, Proposal, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { commandsInLine } from '../lint/shell-lines.ts'
import { queryBlock } from '../kinds/queries.ts'
import { ownBlock } from '../kinds/own-block.ts'
import { finding } from '../reading/finding.ts'
import { isRollbackPlace, isStep } from '../reading/place.ts'
import { shellProposal } from '../reading/proposals.ts'
import { namedCommands } from '../reading/named-commands.ts'
import { isOnlyShown, kindOfCommand } from '../reading/shell-meaning.ts'
import { sieved } from '../sieve/sieve.ts'

/** Tools that do their whole work without a second word. */
const alone = /^(?:pytest|pip-audit|tox|nox|tsc|vitest|jest|eslint|flake8|gitleaks|rspec|phpunit)$/
const succeeds =
  /\b(?:pass(?:es|ed|ing)?|succeed\w*|success\w*|clean|green|no\s|zero|works?|valid|checks?|checked|verified|audited|reports?|formatted|ok|accessible|reachable|healthy|ready|tests?|exist)\b/i

/** Other words for "do not", in the languages that documents are written in. */
const elsewhere = sieved(
  /\b(?:no\s+(?:ejecut\w+|usar|uses|usen|utilizar|hacer)|nunca|jamais|jam[aá]s|n[ãa]o\s+(?:execut\w+|us\w+|rod\w+)|nicht|niemals|niet|nooit|nigdy|nie\s+\w+aj)(?![\w-])|\bne\s+(?:\w+\s+){0,2}(?:pas|jamais)\b|\bn['’]\w+\s+(?:pas|jamais)\b|(?:^|\s)не\s|никогда|запрещ|不要|请勿|禁止|切勿|不得|ないで|しない|ません|하지\s*마|금지/iu,
)

const warned = sieved(/\b(?:do not|don['’]t|never)\s+(?:\w+\s+){0,2}`/i)

/** It must not have been run, or be run; what was not run successfully is another matter. */
const notRun = sieved(
  /`\s+(?:(?:has|have|had|was|were|is|are|must|should|may|can)\s+)?(?:not|never)\s+(?:(?:be|been)\s+)?(?:run|ran|executed|used|called|done|started)\b/i,
)

export function commandsOf(item: ImportItem): readonly string[] {
  const before = item.marked.slice(0, 4000)
  if (notRun.test(before)) return []
  if (elsewhere.test(before)) return []
  const isWarned = warned.test(before)
  const lone = isWarned ? [] : item.code.filter((code) => alone.test(code.trim()))
  const known = commandsInLine(before).map(({ text }) => text)
  const corepack = isWarned
    ? []
    : item.code.filter((code) =>
        /^(?:corepack|npx|bunx|make|just|task|ffmpeg|prisma|deno|bazel|flutter|dart|sqlx|hatch|pdm|rails|php|mix|swift|sbt)\s+\S/.test(
          code,
        ),
      )
  return [...new Set([...known, ...lone, ...corepack])]
}

/** It is right when the command fails. */
const mustFail = sieved(
  /`\s*(?:must|should|will|does|do)?\s*(?:not\s+(?:succeed|pass|work|respond|answer)|fails?\b(?!\s+(?:fast|the)))|\b(?:must|should)\s+(?:fail\b|not\s+(?:pass|succeed|work|respond|answer|exist|resolve|connect|be\s+(?:reachable|accessible|possible|allowed|found|there))\b)|\b(?:is|are)\s+(?:unreachable|rejected|refused|blocked|denied)\b/i,
)
const answers = sieved(
  /\b(?:returns?|responds?(?: with)?|gives?|answers?(?: with)?|status)\s+(?:an?\s+)?(?:http\s+)?([1-5]\d\d)\b/i,
)

const shows = sieved(
  /^`?\s*(?:should\s+|must\s+)?(?:shows?|prints?|lists?|displays?|says?|outputs?|contains?)\s+(?!(?:no|not|nothing|zero|success\w*|green|ok|passed)\b)/i,
)
/** A value, a limit, or what is right when its exit code is not. */
const holds = sieved(
  /^`?\s*(?:(?:should|must)\s+)?(?:(?:is|are|be|equals?|returns?|gives?|answers?|resolves\s+to|points\s+to)\s+(?!(?:http\s+)?2\d\d\b)(?:["'“`v=<>≥≤]*\d|["'“`]|(?:no|yes|true|false|inactive|disabled|stopped|down|off|none|empty|exactly|equal|below|above|under|over|less|more|at\s+least|at\s+most)\b(?!\s+errors?))|(?:below|above|under|less\s+than|more\s+than|at\s+least|at\s+most)\s|[<>=≥≤])/i,
)
const holdsNot = sieved(/^`?\s*(?:should|must|does|do|may)\s+not\s+(?:return|show|print|contain|give|answer|list)\b/i)

/** What is done is undone later, which one block cannot do. */
const half = sieved(/\bthen\s+(?:\w+\s+){0,3}back\b/i)

/** The words say what its output has to hold, of which the block sees nothing. */
function isOnlyRead(block: string, behind: string): boolean {
  const [info = '', kind] = block.split('\n')
  const isShell = /^`{3,}sh /.test(info) && !info.includes(' forbid=')
  const said = behind.slice(0, 400)
  if (isShell || kind === 'kind: dns') return shows.test(said) || holds.test(said)
  return info.includes('http check') && holds.test(said)
}

/** The status that a call must answer, where that is no success. */
function refusalOf(command: string, behind: string, text: string): string | undefined {
  if (!/^curl\b/.test(command)) return undefined
  const status = answers.exec(behind.slice(0, 400))?.[1] ?? answers.exec(text.slice(0, 400))?.[1]
  return status?.startsWith('2') ? undefined : status
}

export const inlineCommand: Recogniser = {
  name: 'inline-command',
  recognise: (item, around) => {
    if (!isStep(item, around)) return null
    const sql = item.code.find(
      (code) => kindOfCommand(code) === 'sql' && /;|\bfrom\b/i.test(code) && !/^(?:psql|mysql)/.test(code),
    )
    if (sql !== undefined) return ofQuery(sql, item, around)
    if (!item.marked.includes('`')) return null
    const { meant, more, behind } = namedCommands(item.marked, commandsOf(item))
    const [command] = meant
    if (command === undefined) return null
    const shell = shellProposal(meant.join('\n'), { language: 'sh', words: item.text })
    const own = ownBlock(meant.join('\n'), item.text)
    const status = refusalOf(command, behind, item.text)
    const fails =
      status !== undefined ||
      (mustFail.test(item.marked.slice(0, 2000)) && !/ forbid=/.test(shell.proposal?.block.split('\n')[0] ?? ''))
    const isShown = meant.length > 1 && shell.risk === 'reads' && meant.some(isOnlyShown)
    const isRead =
      holdsNot.test(behind.slice(0, 400)) ||
      (status === undefined && isOnlyRead(own?.block ?? shell.proposal?.block ?? '', behind))
    const isUnclear = more === 'unclear' || isShown || isRead || half.test(behind.slice(0, 400))
    const proposal = isUnclear
      ? null
      : fails
        ? failingProposal(command, status)
        : own
          ? { block: own.block, risk: own.risk }
          : shell.proposal
    const kind: Kind = isRollbackPlace(item) ? 'rollback-step' : kindOfCommand(command)
    const params: Record<string, Json> = { command, risk: shell.risk }
    if (meant.length > 1) params.commands = meant.length
    if (shell.placeholders.length > 0) params.placeholders = shell.placeholders
    if (succeeds.test(item.text) && shell.risk === 'reads') params.exit = 0
    const many = meant.length > 1
    const lead = `It names ${many ? `${meant.length} commands` : 'a command'} that ${does[shell.risk][many ? 1 : 0]}.`
    const remark = isUnclear
      ? isRead
        ? 'Its exit code does not say what it shows, so a person reads it.'
        : isShown
          ? 'One of them ends well whatever it finds, so a person runs them and reads the output.'
          : 'What others that stand there have to do with it is not said, so a person runs them.'
      : fails
        ? proposal === null
          ? 'It is right when that fails, so a person looks.'
          : `It is right when the answer is ${status}.`
        : [
            own ? own.remark : shell.remark,
            more === 'another' && proposal ? 'Another one that stands there is not in the block.' : '',
          ]
            .filter((part) => part !== '')
            .join(' ')
    const alsoKinds: readonly Kind[] = kind === 'command' ? ['report'] : ['command']
    return finding(item, around, {
      kind,
      alsoKinds,
      confidence: 0.86,
      params,
      why: `${lead} ${remark}`.trim(),
      proposal,
    })
  },
}

function ofQuery(query: string, item: ImportItem, around: Around): Finding {
  const own = item.code.length === 1 ? queryBlock(query, item.text.slice(0, 300), around.outline) : null
  return finding(item, around, {
    kind: 'sql',
    confidence: 0.9,
    params: { query },
    why: own
      ? `It holds a query, which the database is asked. ${own.remark}`
      : 'It holds a query; which database it is for has to be said.',
    proposal: own ? { block: own.block, risk: own.risk } : null,
  })
}

const does = {
  reads: ['only reads', 'only read'],
  changes: ['changes something', 'change something'],
  destroys: ['destroys something', 'destroy something'],
} as const

/** An answer that is no success is what is wanted: of an address it can be asked for. */
function failingProposal(command: string, status: string | undefined): Proposal | null {
  const url = /^curl\s+(?:-[sSiLkI]+\s+)*["']?(https?:\/\/[^\s"'<>${}]+)["']?$/.exec(command)?.[1]
  return url !== undefined && status !== undefined
    ? { block: `\`\`\`http check timeout=30s\n# @expect status == ${status}\nGET ${url}\n\`\`\``, risk: 'reads' }
    : null
}
