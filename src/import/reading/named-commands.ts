/** Of several commands in the words of one step: which of them it asks for, and whether the others are another way. */

/** What may stand between two commands that are both meant. */
const listed =
  /^[\s,;.)]*(?:(?:for|in|on)\s[\w/. -]{1,30}?)?[\s,;.)]*(?:and|then|plus|&|\+|и|und|et|y|e)?\s*(?:then|also)?\s*(?:(?!(?:not|never|no|or|before|until|if|unless|instead|previously|formerly)\b)\w+\s*)?[\s(]*$/i

/** What follows is another way, or is only done sometimes: the step is done without it. */
const otherWay =
  /\b(?:or|alternatively|instead|rather|previously|formerly|was|e\.g\.|such as|like|not|never|if|unless|otherwise|fails?|see|same as|equivalent)\b|\//i

/** The step comes before this one, which is another step's. */
const later = /\b(?:before|until|unless|prior to|ahead of|without|except)\s+(?:\w+\s+){0,2}`?$/i

export interface NamedCommands {
  /** Those that the step asks for, in the order of its words. */
  readonly meant: readonly string[]
  /** `another`: more stand there, as another way. `unclear`: more stand there, and how they belong together is not said. */
  readonly more: 'none' | 'another' | 'unclear'
  /** The words behind the first one, up to the next. */
  readonly behind: string
}

export function namedCommands(marked: string, commands: readonly string[]): NamedCommands {
  const placed = commands
    .map((command) => ({ command, at: placeOf(marked, command) }))
    .sort((a, b) => a.at - b.at)
    .filter(({ at }) => !later.test(marked.slice(Math.max(0, at - 60), at)))
  const meant: string[] = []
  let more: NamedCommands['more'] = 'none'
  let end = 0
  for (const { command, at } of placed) {
    const between = marked.slice(end, at).replaceAll('`', ' ')
    if (meant.length > 0 && !listed.test(between)) {
      more = otherWay.test(between) ? 'another' : 'unclear'
      break
    }
    meant.push(command)
    end = at + command.length
  }
  const [first, second] = placed
  const behind = first ? marked.slice(first.at + first.command.length, second?.at) : ''
  return { meant, more, behind }
}

function placeOf(marked: string, command: string): number {
  const span = marked.indexOf(`\`${command}`)
  return span === -1 ? marked.indexOf(command) : span + 1
}
