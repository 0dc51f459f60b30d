/** Twenty shapes of Markdown that slow readers choke on, each of about the length that is asked for. */

const fill = (part: (at: number) => string, length: number): string => {
  let text = ''
  for (let at = 0; text.length < length; at++) text += part(at)
  return text
}
const same = (part: string) => (length: number) => part.repeat(Math.ceil(length / part.length))

export const evilShapes: Readonly<Record<string, (length: number) => string>> = {
  'open brackets': same('- [ ] a [b [c [d\n'),
  'brackets in one line': (length) => `- [ ] ${'['.repeat(length)}`,
  'links never closed': same('- [a](<b \n'),
  'stars in one line': (length) => `- [ ] ${'*a_'.repeat(Math.ceil(length / 3))}`,
  'backticks of growing length': (length) => fill((at) => `- [ ] ${'`'.repeat(at % 60)}a\n`, length),
  'backticks in one line': (length) => fill((at) => `${'`'.repeat((at % 40) + 1)} `, length),
  'block quotes in one line': (length) =>
    `${'> '.repeat(Math.min(length, 20_000))}a\n`.repeat(Math.ceil(length / 40_000)),
  'lists in one line': (length) => `${'- '.repeat(200)}a\n`.repeat(Math.ceil(length / 401)),
  'deeper and deeper lists': (length) => fill((at) => `${'  '.repeat(at % 30)}- [ ] a\n`, length),
  'table with many columns': (length) => {
    const cells = '|a'.repeat(Math.ceil(length / 8))
    return `${cells}|\n${cells.replaceAll('a', '-')}|\n${cells}|\n`
  },
  'table with many rows': (length) => `| a | b |\n|---|---|\n${'| [ ] | c |\n'.repeat(Math.ceil(length / 12))}`,
  'rows of pipes only': same('|||||||||||||||\n'),
  'fences never closed': (length) => fill((at) => `- [ ] a\n  ${'`'.repeat(3 + (at % 5))}sh check\n`, length),
  'link definitions': (length) => fill((at) => `[a${at}]: b\n`, length),
  entities: (length) => `- [ ] ${'&amp;&#'.repeat(Math.ceil(length / 7))}`,
  'comments never closed': same('<!-- - [ ] a\n\n'),
  'angle brackets': (length) => `- [ ] ${'<a '.repeat(Math.ceil(length / 3))}`,
  'one very long paragraph': same('Name: a\n'),
  'blanks to fill in': same('Name: ____ [ ] Yes [ ] No\n'),
  'damaged characters': same('- [ ] âœ… DÃ©jÃ  «École» ðŸš€\n'),
  'headings without end': same('# a\n## b\n### c\n'),
  'stages and what turns them back': (length) =>
    `# S\n## Out\n${fill((at) => `### Stage 1: ${at / 100}% canary (1 hour)\n- [ ] Monitor for 1 hour\n- ROLLBACK: errors > 1%\n`, length)}`,
  'rollbacks and their triggers': same('## When to roll back\n- Error rate > 5%\n## Rollback\n- [ ] Put it back\n'),
  'numbers and limits': same('- [ ] p95 < 2s and errors > 1% for 5 minutes within 24 hours, at least 2 of 3\n'),
}
