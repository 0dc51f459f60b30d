/** `gate`: whether one may go on at a point of a release, as an exit code for scripts. */
import type { Gate } from '../../api/client-types.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { type ExitCode, UsageFault } from '../faults.ts'
import { findRelease, findStep } from '../release-argument.ts'
import { text } from '../values.ts'

const exits: Readonly<Record<Gate['status'], ExitCode>> = { open: 0, waiting: 3, closed: 1 }

export const gate: Run = async (context, words, options) => {
  const point = pointOf(words, options)
  const client = await context.client()
  const target = targetOf(options)
  let path: string
  if (target === null) {
    const view = await findRelease(client, words[0])
    const step: Record<string, string> =
      point['step'] === undefined ? {} : { step: findStep(view, point['step'], []).id }
    path = `/v1/releases/${encodeURIComponent(view.release)}/gate?${new URLSearchParams({ ...point, ...step }).toString()}`
  } else path = `/v1/gate?${new URLSearchParams({ ...target, ...point }).toString()}`
  const found = await client.ask<Gate>('GET', path)
  if (context.json) printJson(context, found)
  else context.out(`${found.status}: ${found.say}`)
  return exits[found.status] ?? 1
}

/** The step is the word after the release, or the only word when the release is given by its target. */
function pointOf(words: readonly string[], options: Readonly<Record<string, unknown>>): Record<string, string> {
  const step = targetOf(options) === null ? words[1] : words[0]
  if (targetOf(options) !== null && words.length > 1)
    throw new UsageFault(
      'With --service the release is not named too. For example: holdpoint gate --service shop --environment production --version 1.4.0 go-live',
    )
  const given = Object.entries({ step, phase: text(options, 'phase'), stage: text(options, 'stage') }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== null,
  )
  if (given.length > 1) throw new UsageFault('Give a step, --phase or --stage, not several of them.')
  return Object.fromEntries(given)
}

function targetOf(options: Readonly<Record<string, unknown>>): Record<string, string> | null {
  const given = ['service', 'environment', 'version'].map((name) => [name, text(options, name)] as const)
  if (given.every(([, value]) => value === null)) return null
  const missing = given.filter(([, value]) => value === null).map(([name]) => `--${name}`)
  if (missing.length > 0)
    throw new UsageFault(
      `${missing.join(' and ')} missing. For example: --service shop --environment production --version 1.4.0`,
    )
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']))
}
