/** Names that stand for a value which somebody must still fill in. */

const inCode = /\bv?[Xx]\.[Yy](?:\.[Zz])?\b|\bPREVIOUS_TAG\b|\bTODO\b|\bFIXME\b|\bCHANGE_?ME\b/
const inBrackets = /<[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)*>/
const placeholders = new RegExp(`${inCode.source}|${inBrackets.source}`)

/** The first one in a line that runs, with its offset. `<body>` with its end on the same line is HTML. */
export function placeholderThatRuns(text: string): { readonly name: string; readonly offset: number } | null {
  const match = placeholders.exec(text)
  return match && !isMarkup(match[0], text) && !isSearchedFor(match, text)
    ? { name: match[0], offset: match.index }
    : null
}

/** `<file` without an end is a redirection. */
function isMarkup(found: string, text: string): boolean {
  return found.startsWith('<') && text.includes(`</${found.slice(1)}`)
}

/** `grep -r TODO src` looks for what is left; nothing is left in it. */
function isSearchedFor({ 0: name, index }: RegExpExecArray, command: string): boolean {
  return /^(?:TODO|FIXME)$/.test(name) && /\b(?:grep|rg|ack|ag)\s[^|;&]*$/.test(command.slice(0, index))
}

const inAnyCommand = [
  inCode,
  // Without the v and with one letter, such as 5.2.x, it is mostly the name of a branch.
  /\bv\d+(?:\.\d+)?\.[xXnN](?:\.[xXnN])?\b|\b\d+\.[xXnN]\.[xXnN]\b/,
  /\bv?[XN](?:\.[XYN])?\.0\b|\bX\.Y\b/,
  /(?<![<\w])<(?!(?:a|b|br|code|details|div|em|h\d|i|img|p|pre|span|strong|summary|table|td|tr|u)\b)[A-Za-z][\w .:/-]{0,40}>/,
  /(?<![$\w{-])(?:YOUR|MY|NEW|OLD|PREVIOUS|LAST|CURRENT|NEXT|RELEASE|TARGET)_[A-Z0-9_]+\b(?!\s*[=}])/,
  // A name in capitals that is only mentioned: its value comes from elsewhere.
  /(?<![$\w{"'%-]|(?:export|unset|printenv|set|env|add|get|rm|build-arg|echo|-e|-v)[ =])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:TAG|VERSION|HOST|NAME|ID|URL|IP|HASH|SHA|HERE)\b(?!\s*[=}:]|"?\])/,
  /(?<=[:=@/])(?:PORT|TAG|VERSION|HOST|HOSTNAME|IMAGE|NAMESPACE|BRANCH|SHA)\b(?![=}])/,
]

/** In text that people wrote for people, names are more various: `v2.0.x`, `NEW_VERSION`, `<Redis host>`. */
export function placeholderIn(command: string): string | null {
  for (const pattern of inAnyCommand) {
    const match = pattern.exec(command)
    if (match && !isMarkup(match[0], command) && !isSearchedFor(match, command)) return match[0]
  }
  return null
}
