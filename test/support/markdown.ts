/** Arbitrary Markdown: lists, boxes, blocks, tables and headings put together as no person would, with any line ends. */
import fc from 'fast-check'

const words = fc.constantFrom(
  'one',
  '[ ] two',
  '[x]',
  '[]',
  '[~] w',
  '☐ v',
  '`code`',
  '**b**',
  '',
  '    four',
  '\tfive',
  '| a | b |',
)
const marks = fc.constantFrom(
  '- ',
  '* ',
  '+ ',
  '1. ',
  '12) ',
  '> ',
  '# ',
  '## ',
  '',
  '  ',
  '\t',
  '- - ',
  '>- ',
  '|-|-|',
)
const whole = fc.constantFrom(
  '```',
  '~~~',
  '```sh check',
  '---',
  '===',
  '<!--',
  '-->',
  '<details>',
  '<!-- holdpoint -->',
  '| a |',
  '|---|',
  '',
)
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom('', '  ', '   ', '    ', '\t'), marks, words).map((x) => x.join('')),
  },
  { weight: 1, arbitrary: whole },
)

export const anyMarkdown = fc
  .tuple(
    fc.constantFrom('', '\uFEFF', '---\na: 1\n---\n', '---\nholdpoint: 1\n---\n', '---\n---\n'),
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\n', '\r\n', '\r')), { maxLength: 14 }),
    fc.constantFrom('', 'end', '- [ ] end'),
  )
  .map(([head, lines, tail]) => head + lines.map(([text, end]) => text + end).join('') + tail)
