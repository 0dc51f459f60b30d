/** Commands between backticks in the words of a step, and what success of theirs means. */
import type { ImportItem, Kind, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { commandsInLine } from '../lint/shell-lines.ts'
import { finding } from '../reading/finding.ts'
import { isRollbackPlace, isStep } from '../reading/place.ts'
import { shellProposal } from '../reading/proposals.ts'
import { kindOfCommand } from '../reading/shell-meaning.ts'
import { sieved } from '../sieve/sieve.ts'

/** Tools that do their whole work without a second word. */
const alone = /^(?:pytest|pip-audit|tox|nox|tsc|vitest|jest|eslint|flake8|gitleaks|rspec|phpunit)$/
const succeeds =
  /\b(?:pass(?:es|ed|ing)?|succeed\w*|success\w*|clean|green|no\s|zero|works?|valid|checks?|checked|verified|audited|reports?|formatted|ok|accessible|reachable|healthy|ready|tests?|exist)\b/i

const warned = sieved(/\b(?:do not|don['’]t|never)\s+(?:\w+\s+){0,2}`/i)

export function commandsOf(item: ImportItem): readonly string[] {
  const before = item.marked.slice(0, 4000)
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

export const inlineCommand: Recogniser = {
  name: 'inline-command',
  recognise: (item, around) => {
    if (!isStep(item, around)) return null
    const sql = item.code.find(
      (code) => kindOfCommand(code) === 'sql' && /;|\bfrom\b/i.test(code) && !/^(?:psql|mysql)/.test(code),
    )
    if (sql !== undefined)
      return finding(item, around, {
        kind: 'sql',
        confidence: 0.9,
        params: { query: sql },
        why: 'It holds a query; which database it is for has to be said.',
      })
    if (!item.marked.includes('`')) return null
    const [command] = commandsOf(item)
    if (command === undefined) return null
    const shell = shellProposal(command, { language: 'sh', words: item.text })
    const tcp = /^(?:telnet|nc(?:\s+-\w+)*)\s+([\w.-]+)\s+(\d{1,5})$/.exec(command)
    const proposal = tcp
      ? {
          block: `\`\`\`yaml check timeout=10s\nkind: tcp\nhost: ${tcp[1]}\nport: ${tcp[2]}\n\`\`\``,
          risk: 'reads' as const,
        }
      : shell.proposal
    const kind: Kind = isRollbackPlace(item) ? 'rollback-step' : kindOfCommand(command)
    const params: Record<string, Json> = { command, risk: shell.risk }
    if (shell.placeholders.length > 0) params.placeholders = shell.placeholders
    if (succeeds.test(item.text) && shell.risk === 'reads') params.exit = 0
    const lead =
      shell.risk === 'reads'
        ? 'It names a command that only reads.'
        : shell.risk === 'changes'
          ? 'It names a command that changes something.'
          : 'It names a command that destroys something.'
    const alsoKinds: readonly Kind[] = kind === 'command' ? ['report'] : ['command']
    return finding(item, around, {
      kind,
      alsoKinds,
      confidence: 0.86,
      params,
      why: `${lead} ${tcp ? '' : shell.remark}`.trim(),
      proposal,
    })
  },
}
