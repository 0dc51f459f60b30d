/** Lint rules on shell text: what never ends, what waits for a keyboard, what destroys more than it says. */
import type { LintCode } from './codes.ts'
import type { LintRule } from './lint.ts'
import type { Remark } from './problem.ts'

interface CommandRule {
  readonly code: LintCode
  readonly pattern: RegExp
  /** Must be found as well. Two plain searches stay quick where one with a look ahead would not. */
  readonly also?: RegExp
  /** The line is fine after all. */
  readonly unless?: RegExp
  readonly expected: string
  readonly example: string
}

const bounded = /\btimeout\s+\S|\|\s*head\b|\|\s*grep\s.*-m|--no-follow\b/
const follow = {
  code: 'follow-without-bound',
  unless: bounded,
  expected: 'a bound: a number of lines, or "timeout" before it',
  example: 'kubectl logs -l app=api --since=10m --tail=500',
} as const

const patterns: readonly CommandRule[] = [
  { ...follow, pattern: /\btail\s+(?:-\w*[fF]|--follow\b)|(?:^|[;&|]\s*)stern\s|(?:^|[;&|]\s*)watch\s/ },
  {
    ...follow,
    pattern: /\b(?:kubectl|docker|podman|oc|compose)\s(?:.*\s)?logs\b/,
    also: /\slogs\b.*\s(?:-f|--follow)(?=\s|$)|\s(?:-f|--follow)\s+logs\b/,
  },
  { ...follow, pattern: /\bjournalctl\b/, also: /\s(?:-[a-zA-Z]*f[a-zA-Z]*|--follow)(?=\s|$)/ },
  {
    code: 'interactive-command',
    pattern:
      /(?:^|[;&|(]\s*|\b(?:sudo|then|do)\s+)(?:read\s+(?:-\w+\s+)*-?\w*p\b|read\s+-\w*p|vim?\b|nano\b|emacs\b|less\b|more\b|top\b|htop\b|psql\s*$|mysql\s*$|ssh\s+\S+\s*$|telnet\s|s?ftp\s+[\w.@-]+\s*$|terraform\s+apply\s*$|npm\s+login\b|select\s+\w+\s+in\b)|\b(?:kubectl|docker|podman)\s+(?:exec|run)\s+(?:-\w*(?:it|ti)\w*\b|.*--interactive\b.*--tty\b)|\bgit\s+(?:rebase\s+-i|add\s+-[ip]|commit\s*$)/,
    expected: 'a command that needs no keyboard: nothing can be typed into a running release',
    example: 'kubectl exec deploy/api -- ./smoke.sh',
  },
  {
    code: 'destructive-command',
    pattern:
      /\brm\s+(?:-\w+\s+)*(?:-\w*[rR]\w*\s+)(?:-\w+\s+)*(?:--no-preserve-root\s+)?["']?(?:\/|\/\*|~|~\/|\$HOME|\$\{?\w+\}?\/|\.|\*)["']?(?:\s|$)|\bmkfs\b|\bdd\b.*\bof=\/dev\/|\b(?:drop\s+(?:database|schema|table)|truncate\s+table)\b|\bkubectl\s+delete\s+(?:ns|namespace|pv|pvc)\b|\bterraform\s+destroy\b|\bgit\s+push\b.*(?:--force\b|\s-f\b)|\bredis-cli\b.*\bflushall\b|\bkafka-topics\b.*--delete\b|\bprisma\s+migrate\s+reset\b|>\s*\/dev\/(?:sd|nvme)|\b(?:sqlx|diesel)\s+migrat\w+\s+revert\b.*--all\b|\balembic\s+downgrade\s+base\b|\bmigrate:rollback\b.*--all\b|\bdb:migrate:undo:all\b|\bflyway\b.*\sclean\b|\bmanage\.py\s+migrate\s+\w+\s+zero\b|\bmigrate\b.*\sdown\s+-all\b/i,
    unless: /--force-with-lease/,
    expected: 'a narrower command, or "danger" on the block, so that two people type its id',
    example: '```sh run danger',
  },
]

/** Its end is said by the block: `follow=10m`. */
function isFollowed({ info, body }: { readonly info: string; readonly body: string }): boolean {
  return /\scheck\b.*\sfollow=/.test(info) || /^[ \t]*# @follow\s/m.test(body)
}

/** Looks at the lines of commands that really run, and not at comments in them. */
const commandRule =
  (rule: CommandRule): LintRule =>
  (_plan, reading, report) => {
    for (const [fence, block] of reading.blocks) {
      const isCommand = ['sh', 'bash'].includes(block.language)
      if (!isCommand || (rule.code === 'destructive-command' && block.isDanger)) continue
      if (rule.code === 'follow-without-bound' && isFollowed(fence)) continue
      fence.body.split('\n').forEach((line, index) => {
        const remark = remarkOn(rule, line)
        if (remark) report(rule.code, { line: fence.line + 1 + index, column: 1 + line.search(/\S/) }, remark)
      })
    }
  }

function remarkOn(rule: CommandRule, line: string): Remark | null {
  const text = line.slice(0, 1000).replace(/(?:^|\s)#.*$/, '')
  if (!rule.pattern.test(text) || rule.also?.test(text) === false || rule.unless?.test(text)) return null
  return {
    found: `"${text.trim().slice(0, 80)}", ${words[rule.code] ?? 'which does not fit a release'}`,
    expected: rule.expected,
    example: rule.example,
  }
}

/** What these rules say about one line of shell text, wherever it stands. */
export function slipsOf(line: string): readonly { readonly code: LintCode; readonly remark: Remark }[] {
  const told = new Map<LintCode, Remark>()
  for (const rule of patterns) {
    const remark = told.has(rule.code) ? null : remarkOn(rule, line)
    if (remark) told.set(rule.code, remark)
  }
  return [...told].map(([code, remark]) => ({ code, remark }))
}

const words: Readonly<Partial<Record<LintCode, string>>> = {
  'follow-without-bound': 'which never ends by itself',
  'interactive-command': 'which waits for a keyboard',
  'destructive-command': 'which destroys what no undo brings back',
}

export const commandRules: readonly LintRule[] = patterns.map(commandRule)
