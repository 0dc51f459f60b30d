/** Counts what JUnit XML reports say. Where a file's own totals are worse than its test cases, the totals are believed. */
import { readTags, type Tag, XmlFault } from '../parts/xml.ts'

export interface Tally {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly seconds: number
  /** Names of the first failing tests, for the sentence. */
  readonly failing: readonly string[]
  /** Commits that properties of the reports name. */
  readonly commits: readonly string[]
}

export const emptyTally: Tally = { tests: 0, failures: 0, errors: 0, skipped: 0, seconds: 0, failing: [], commits: [] }

const commitNames = new Set(['commit', 'git.commit', 'git_commit', 'revision', 'sha'])

interface Counting {
  tests: number
  failures: number
  errors: number
  skipped: number
  seconds: number
  testcase: { name: string; ended: boolean } | null
  failing: string[]
  commits: string[]
  said: { tests: number; failures: number; errors: number }
}

/** Adds one report to a tally. Throws XmlFault when the text is no JUnit report. */
export function tallyJunit(text: string, before: Tally): Tally {
  const counting: Counting = {
    tests: 0,
    failures: 0,
    errors: 0,
    skipped: 0,
    seconds: 0,
    testcase: null,
    failing: [],
    commits: [],
    said: { tests: 0, failures: 0, errors: 0 },
  }
  readTags(text, (tag) => count(tag, counting))
  // A suite whose setup broke counts an error and has no test case that shows it.
  const unseen = Math.max(0, counting.said.failures + counting.said.errors - counting.failures - counting.errors)
  if (counting.said.tests > counting.tests) {
    throw new XmlFault(`it announces ${counting.said.tests} tests and holds ${counting.tests}`)
  }
  return {
    tests: before.tests + counting.tests,
    failures: before.failures + counting.failures,
    errors: before.errors + counting.errors + unseen,
    skipped: before.skipped + counting.skipped,
    seconds: before.seconds + counting.seconds,
    failing: [...before.failing, ...counting.failing].slice(0, 3),
    commits: [...new Set([...before.commits, ...counting.commits])],
  }
}

function count(tag: Tag, counting: Counting): void {
  const depth = tag.path.length
  if (depth === 0 && tag.name !== 'testsuites' && tag.name !== 'testsuite')
    throw new XmlFault(`<${tag.name.slice(0, 40)}> is not how a JUnit report begins`)
  const parent = tag.path.at(-1)
  if (tag.name === 'testsuite' && parent !== 'testsuite') addTotals(tag, counting)
  if (tag.name === 'testcase') beginCase(tag, counting)
  if (parent === 'testcase') endCase(tag.name, counting)
  if (tag.name === 'property' && commitNames.has((tag.attributes['name'] ?? '').toLowerCase())) {
    const value = tag.attributes['value'] ?? ''
    if (value !== '') counting.commits.push(value)
  }
}

function addTotals(tag: Tag, counting: Counting): void {
  counting.said.tests += numberOf(tag, 'tests')
  counting.said.failures += numberOf(tag, 'failures')
  counting.said.errors += numberOf(tag, 'errors')
}

function beginCase(tag: Tag, counting: Counting): void {
  const { classname, name } = tag.attributes
  counting.tests += 1
  counting.seconds += numberOf(tag, 'time')
  counting.testcase = {
    name: [classname, name].filter((part) => part).join(' ') || 'a test without a name',
    ended: false,
  }
}

/** One outcome per test case: a case with two failures is one failed test. */
function endCase(child: string, counting: Counting): void {
  const { testcase } = counting
  if (!testcase || testcase.ended || (child !== 'failure' && child !== 'error' && child !== 'skipped')) return
  testcase.ended = true
  if (child === 'skipped') {
    counting.skipped += 1
    return
  }
  if (child === 'failure') counting.failures += 1
  else counting.errors += 1
  if (counting.failing.length < 3) counting.failing.push(testcase.name)
}

/** Totals are hints: what is no number counts as nothing, the test cases themselves are counted. */
function numberOf(tag: Tag, name: string): number {
  const value = Number((tag.attributes[name] ?? '').replaceAll(',', ''))
  return Number.isFinite(value) && value > 0 ? value : 0
}
