/** Lint of `{{ name }}`: a name that nothing gives a value would be found only when it is needed. */
import type { Json } from '../units.ts'
import { actionShell } from './action-script.ts'
import { releaseNames, valueNames } from './conditions.ts'
import type { Reading } from './compile.ts'
import type { LintRule, Report } from './lint.ts'
import { nearest } from './nearest.ts'
import type { CheckBlock, Place, Plan } from './plan.ts'
import { templateNames } from './template.ts'

/** Kinds with names of their own in what stands in them, or whose text was looked at as a query. */
const isPassedOver = new Set(['command', 'webhook-sink', 'budget', 'promql', 'sql'])
const ofRun = ['arm', 'news', 'epoch', 'attempt', 'component']

const unknownInQuery: LintRule = (plan, reading, report) => {
  const known = namesOf(plan, reading)
  for (const { text, place, where } of reading.compiling.templates) {
    // In a request a capture gives names of its own; a message does not compile with a name that nothing gives.
    if (where !== 'query') continue
    for (const { name, offset } of unknownIn(text, known)) {
      const lines = text.slice(0, offset).split('\n').length - 1
      const at = { line: place.line + lines, column: lines === 0 ? place.column : 1 }
      tell(name, '', at, known, report)
    }
  }
}

const unknownInSetting: LintRule = (plan, reading, report) => {
  const known = namesOf(plan, reading)
  const namesIn = ({ kind, config }: CheckBlock): readonly string[] =>
    reading.compiling.kinds.checks.get(kind)?.givesNames?.(config) ?? []
  const look = (text: string, line: number, own: readonly string[] = []): void => {
    const names = new Set(unknownIn(text, known.union(new Set(own))).map(({ name }) => name))
    for (const name of names) tell(name, ' in a setting', { line, column: 1 }, known, report)
  }
  for (const { block, line } of plan.steps) {
    if (block.word === 'check') look(settingsOf(block), line, namesIn(block))
    // Their settings are the script of the program that acts.
    if (block.word === 'run' && block.command.shell === actionShell) look(block.command.script, line)
    if (block.word === 'watch')
      for (const { check } of block.checks) look(settingsOf(check, readAsText), line, namesIn(check))
  }
  for (const { check, line } of plan.triggers) look(settingsOf(check), line, namesIn(check))
}

/** Settings of a watch's checks that were looked at with the queries. */
const readAsText: readonly string[] = ['query', 'requests']

function settingsOf({ kind, config }: CheckBlock, without: readonly string[] = []): string {
  if (isPassedOver.has(kind)) return ''
  const own: readonly (readonly [string, Json])[] = Object.entries(config)
  return JSON.stringify(own.filter(([name]) => !without.includes(name)))
}

/** Every name that something in this checklist gives a value. */
export function namesOf(plan: Plan, reading: Reading): ReadonlySet<string> {
  return new Set([
    ...Object.keys(valueNames(reading.compiling)),
    ...Object.keys(releaseNames),
    ...Object.keys(plan.inputs).map((name) => `input.${name}`),
    ...ofRun,
    ...plan.steps.flatMap(({ block }) => (block.word === 'check' ? Object.keys(block.matrix ?? {}) : [])),
  ])
}

function unknownIn(text: string, known: ReadonlySet<string>): ReturnType<typeof templateNames> {
  return templateNames(text).filter(({ name }) => !known.has(name) && !/^(?:secret|totp)\./.test(name))
}

function tell(name: string, where: string, place: Place, known: ReadonlySet<string>, report: Report): void {
  report('unknown-value', place, {
    found: `{{ ${name} }}${where}, a value that nothing gives`,
    expected: nearest(name, [...known]),
    example: '{{ version }}',
  })
}

export const valueRules: readonly LintRule[] = [unknownInQuery, unknownInSetting]
