import { expect, test } from 'vitest'
import { importDocument } from '../import.ts'
import { textProblemsByCode, withTextProblems } from './text-problems.ts'

function problemsIn(text: string) {
  const source = importDocument(new TextEncoder().encode(text), { file: 'RELEASE.md' })
  return withTextProblems(source, null).problems
}

test('what is wrong with the text stands among the problems of an import, with its line and sentence', () => {
  const problems = problemsIn('# R\n\n- [ ] Site answers: `curl https://shop.example/health`\n- [ ] Error rate < 1%\n')
  expect(problems).toContainEqual(expect.objectContaining({ line: 3, code: 'curl-without-fail', severity: 'warning' }))
  expect(problems.every(({ found, expected, example }) => found && expected && example)).toBe(true)
})

test('a ticked box is told once, in the words of importing', () => {
  expect(problemsIn('- [x] Done\n- [ ] Open\n').map(({ code }) => code)).toEqual(['import-ticked'])
})

test('lines are counted without a byte order mark', () => {
  expect(
    problemsIn('\uFEFF- [ ] Answers: `curl https://shop.example/health`\n').map(({ line, code }) => `${line} ${code}`),
  ).toEqual(['1 curl-without-fail'])
})

test('codes are listed once with their lines, the most frequent first', () => {
  const curl = '- [ ] Answers: `curl https://shop.example/health`\n'
  const codes = textProblemsByCode(
    problemsIn(`- [x] a\n- [ ] Watch: \`tail -f app.log\`\n${curl}${curl.replace('health', 'ready')}`),
  )
  expect(codes[0]).toEqual(['curl-without-fail', [3, 4]])
  expect(codes.some(([code]) => code.startsWith('import-'))).toBe(false)
})
