/** The single commands that a line of shell would start, wherever they hide: in pipes, loops, substitutions, behind sudo. */

const literals = /"[^"]*"|'[^']*'/g

/** Where one command ends and another begins; what opens a substitution begins one too. */
const between =
  /(\|\||&&|[|;`]|(?<![<>&\d])&(?![>&])|[$<>]\(|\s-(?:exec|ok)(?:dir)?\s|(?<!\$)(?:^|\s)[({]\s|(?:^|\s)\((?=[\w./]))/

/** Words in front of a command that start it as it is. */
const wrappers =
  /^(?:(?:do|then|else|if|elif|while|until|!|time|sudo|command|corepack|nohup)\s+|(?:nice|env)\s+(?:-\S+\s+(?:\d+\s+)?)*|timeout\s+(?:-\S+\s+)*\d[\d.]*[smhd]?\s+|xargs\s+(?:-\S+\s+(?:(?:\d+|\{\})\s+)?)*|[A-Za-z_]\w*=[^\s()`]*\s+)+/

/** A part that starts nothing by itself. */
const isNoCommand =
  /^(?:(?:for|select)\s+\w+(?:\s+in\b.*)?|case\s.*|(?:done|fi|esac|break|continue)\b.*|[A-Za-z_]\w*=\S*|[\s\\(){};'"]*)$/

export interface ShellPart {
  /** The command without what is in front of it, such as `sudo` or values for its environment. */
  readonly words: string
  /** Its input comes from a command before it, or from a file. */
  readonly isFed: boolean
}

export function shellParts(line: string): readonly ShellPart[] {
  const pieces = line.replace(literals, shown).split(between)
  const parts: ShellPart[] = []
  for (let at = 0; at < pieces.length; at += 2) {
    const words = (pieces[at] ?? '')
      .trim()
      .replace(wrappers, '')
      .replace(/^\/(?:usr\/)?(?:local\/)?s?bin\//, '')
    if (!isNoCommand.test(words)) parts.push({ words, isFed: pieces[at - 1] === '|' || /<(?!\()/.test(words) })
  }
  return parts
}

/** Of what stands between quotes only commands and questions to a database are looked at. */
function shown(text: string): string {
  if (/\$\(|`/.test(text)) return text.slice(1, -1)
  return /^["']\s*(?:select|show|explain)\b/i.test(text) ? text.replace(/[|;&(){}<>]/g, ' ') : '""'
}

export function partsOf(line: string): readonly string[] {
  return shellParts(line).map(({ words }) => words)
}

/** Command lines of a script: without comments and prompts, continued lines joined. */
export function commandLines(script: string): readonly string[] {
  return script
    .slice(0, 20_000)
    .replace(/\\[ \t]*\n[ \t]*/g, ' ')
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*\$\s+/, '')
        .replace(/(?:^|\s)#(?!\{).*$/, '')
        .trim(),
    )
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 1000))
}
