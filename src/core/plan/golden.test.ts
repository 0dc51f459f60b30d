import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorCodes, warningCodes } from './codes.ts'
import { compile, type Compiled } from './compile.ts'
import { renderProblem } from './problem.ts'
import { testKinds } from './test-kinds.ts'

const root = join(import.meta.dirname, '../../../golden')
const update = process.env['UPDATE_GOLDEN'] === '1'

function compileFolder(folder: string): Compiled {
  const times = join(folder, 'times')
  const bytes = readFileSync(join(folder, 'release.md'))
  const whole = existsSync(times)
    ? Buffer.concat(Array.from({ length: Number(readFileSync(times, 'utf8')) }, () => bytes))
    : bytes
  const sharedFile = join(folder, 'holdpoint.yaml')
  const shared = existsSync(sharedFile) ? { file: 'holdpoint.yaml', text: readFileSync(sharedFile, 'utf8') } : null
  const calendars = readdirSync(folder)
    .filter((file) => file.endsWith('.ics'))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
  return compile({ file: 'release.md', bytes: new Uint8Array(whole), shared, calendars }, testKinds)
}

function compare(file: string, text: string): void {
  if (update) {
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `no ${file}: run with UPDATE_GOLDEN=1`)
}

describe('every problem of a document is told with its line, what was found, what was expected and an example', () => {
  const codes = [...errorCodes, ...warningCodes]
  test('every code has a document, and every document a code', () => {
    expect(readdirSync(join(root, 'errors')).sort()).toEqual([...codes].sort())
  })
  test.each(codes)('%s', (code) => {
    const folder = join(root, 'errors', code)
    const { plan, problems } = compileFolder(folder)
    const isWarning = warningCodes.some((warning) => warning === code)
    expect(problems.map((problem) => problem.code)).toContain(code)
    // A document for one code shows nothing else, so that a first slip does not bury the reader in consequences.
    expect(problems.filter((problem) => problem.code !== code)).toEqual([])
    expect(plan === null).toBe(!isWarning)
    compare(join(folder, 'problems.txt'), `${problems.map(renderProblem).join('\n')}\n`)
  })
})

describe('slips that belong together are told together, each with its place', () => {
  test.each(readdirSync(join(root, 'problems')))('%s', (name) => {
    const folder = join(root, 'problems', name)
    const { plan, problems } = compileFolder(folder)
    expect(plan).toBeNull()
    compare(join(folder, 'problems.txt'), `${problems.map(renderProblem).join('\n')}\n`)
  })
})

describe('documents and the plans they compile to', () => {
  test.each(readdirSync(join(root, 'plans')))('%s', (name) => {
    const folder = join(root, 'plans', name)
    const { plan, problems } = compileFolder(folder)
    expect(problems.map(renderProblem)).toEqual([])
    compare(
      join(folder, 'plan.json'),
      `${JSON.stringify({ ...plan, document: '(the text of release.md)' }, null, 2)}\n`,
    )
  })
})
