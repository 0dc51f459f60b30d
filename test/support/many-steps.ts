/** A long checklist, as a team writes it over years: phases, questions for people, and words between them. */

const PER_PHASE = 30

/** Every step is a question, so that nothing moves until somebody answers; the first 30 wait at once. Ids end in `question-<n>`, from 1. */
export function manySteps(count: number): string {
  const lines = ['---', 'holdpoint: 1', 'service: long', 'environments: { staging: {} }', '---', '# A long release', '']
  for (let at = 1; at <= count; at += 1) {
    if (at % PER_PHASE === 1)
      lines.push(
        `## Part ${Math.ceil(at / PER_PHASE)}`,
        '',
        'What this part is for, and **who** knows more about it: the [handbook](https://example.com/handbook) says how.',
        '',
      )
    lines.push(`- [ ] Question ${at}`, '  ```yaml answer', '  options: [yes, no]', '  ```')
    if (at % PER_PHASE === 0) lines.push('')
  }
  return `${lines.join('\n')}\n`
}
