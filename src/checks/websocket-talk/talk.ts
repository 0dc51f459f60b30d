/** Goes through the steps of a talk, in order, until the first that is not as expected. */
import type { CheckOutcome, CheckPowers } from '../../core/ports/check.ts'
import type { Instant, Json, Millis } from '../../core/units.ts'
import { millisOf, patternOf } from '../parts/fields.ts'
import { filledJson, type Put } from '../parts/filled.ts'
import { oneLine, sayMillis } from '../parts/say.ts'
import type { Connection, Message, Refused } from './connection.ts'
import type { TalkStep } from './settings.ts'

const withinDefault = '10s'

export interface Note {
  readonly at: Instant
  readonly line: string
}

export interface Talk {
  connection: Connection
  /** Messages before this one are spoken for. */
  next: number
  /** How long each awaited message and each pong took, in ms. */
  readonly waits: Millis[]
  readonly pongs: Millis[]
  /** Of connections that were left. */
  readonly earlier: Message[]
  /** What was done, beside what was heard. */
  readonly notes: Note[]
}

export interface TalkEnd {
  readonly outcome: CheckOutcome
  readonly say: string
}

export interface Talking {
  readonly put: Put
  readonly open: () => Promise<Connection | Refused>
  readonly powers: Pick<CheckPowers, 'clock' | 'signal' | 'progress'>
}

/** null = every step went as expected. */
export async function talkThrough(steps: readonly TalkStep[], talk: Talk, with_: Talking): Promise<TalkEnd | null> {
  for (const [index, step] of steps.entries()) {
    with_.powers.progress(`step ${index + 1} of ${steps.length}`)
    const end = await take(step, talk, with_)
    if (end === null) continue
    const where = steps.length === 1 ? '' : `step ${index + 1}: `
    if (with_.powers.signal.aborted)
      return { outcome: 'failed', say: `${where}the time of the check ran out; ${end.say}` }
    return { outcome: end.outcome, say: where + end.say }
  }
  return null
}

function take(step: TalkStep, talk: Talk, with_: Talking): Promise<TalkEnd | null> {
  if ('expect' in step) {
    const pattern = patternOf(step.expect)
    return awaitMessage(talk, with_, ({ text }) => pattern.find(text), `that matches ${step.expect}`, step.within)
  }
  if ('json' in step) {
    const wanted = filledJson(step.json, with_.put)
    return awaitMessage(talk, with_, (one) => holds(wanted, parsed(one)), `with ${JSON.stringify(wanted)}`, step.within)
  }
  if ('none' in step) return awaitSilence(talk, with_, step.none, step.for)
  if ('send' in step) return Promise.resolve(send(talk, with_, step.send))
  if ('ping' in step) return ping(talk, with_, millisOf(step.ping))
  if ('closed' in step) return awaitClose(talk, with_, step.closed, step.within)
  return reconnect(talk, with_)
}

async function awaitMessage(
  talk: Talk,
  with_: Talking,
  fits: (message: Message) => boolean,
  what: string,
  within: string = withinDefault,
): Promise<TalkEnd | null> {
  const started = with_.powers.clock.now()
  const until = started + millisOf(within)
  const before = talk.next
  for (;;) {
    for (const message of talk.connection.messages.slice(talk.next)) {
      talk.next += 1
      if (message.at > until) break
      if (!fits(message)) continue
      const wait = Math.max(0, message.at - started)
      talk.waits.push(wait)
      note(talk, with_, `= a message ${what}, after ${sayMillis(wait)}`)
      return null
    }
    const closed = talk.connection.closed()
    if (closed !== null) return failed(`it closed with ${sayClose(closed)}, before a message ${what} came`)
    const left = until - with_.powers.clock.now()
    if (left <= 0 || with_.powers.signal.aborted)
      return failed(`no message ${what} within ${within}; ${sayOthers(talk.connection.messages.slice(before))}`)
    await talk.connection.change(left)
  }
}

async function awaitSilence(talk: Talk, with_: Talking, none: string, time: string): Promise<TalkEnd | null> {
  const pattern = patternOf(none)
  const until = with_.powers.clock.now() + millisOf(time)
  for (;;) {
    const found = talk.connection.messages.slice(talk.next).find(({ text }) => pattern.find(text))
    if (found !== undefined) return failed(`${quoted(found)} came, expected none that matches ${none} for ${time}`)
    talk.next = talk.connection.messages.length
    const closed = talk.connection.closed()
    if (closed !== null) return failed(`it closed with ${sayClose(closed)}, so ${time} of silence prove nothing`)
    const left = until - with_.powers.clock.now()
    if (with_.powers.signal.aborted) return failed(`${time} of silence were not over`)
    if (left <= 0) return null
    await talk.connection.change(left)
  }
}

function send(talk: Talk, with_: Talking, message: string | Readonly<Record<string, Json>>): TalkEnd | null {
  const closed = talk.connection.closed()
  if (closed !== null) return failed(`it closed with ${sayClose(closed)}, before a message could be sent`)
  const text =
    typeof message === 'string'
      ? with_.put(message, /^\s*[[{](?!\{)/.test(message) ? 'json' : 'none')
      : JSON.stringify(filledJson(message, with_.put))
  talk.connection.send(text)
  note(talk, with_, `> ${text}`)
  return null
}

async function ping(talk: Talk, with_: Talking, most: Millis): Promise<TalkEnd | null> {
  const { clock, signal } = with_.powers
  const heard = talk.connection.pongs.length
  const started = clock.now()
  talk.connection.ping()
  for (;;) {
    const pong = talk.connection.pongs[heard]
    if (pong !== undefined) {
      const took = pong - started
      talk.pongs.push(took)
      note(talk, with_, `= a pong after ${sayMillis(took)}`)
      return took <= most ? null : failed(`the pong took ${sayMillis(took)}, expected at most ${sayMillis(most)}`)
    }
    const closed = talk.connection.closed()
    if (closed !== null) return failed(`it closed with ${sayClose(closed)}, and sent no pong`)
    const left = started + most - clock.now()
    if (left <= 0 || signal.aborted) return failed(`no pong within ${sayMillis(most)}`)
    await talk.connection.change(left)
  }
}

/** Also used where a server lets somebody in, only to throw them out. */
export async function awaitClose(
  talk: Talk,
  with_: Talking,
  code: number | readonly number[],
  within: string = withinDefault,
): Promise<TalkEnd | null> {
  const codes = typeof code === 'number' ? [code] : code
  const until = with_.powers.clock.now() + millisOf(within)
  for (;;) {
    const closed = talk.connection.closed()
    if (closed !== null)
      return codes.includes(closed.code)
        ? null
        : failed(`it closed with ${sayClose(closed)}, expected ${codes.join(' or ')}`)
    const left = until - with_.powers.clock.now()
    if (left <= 0 || with_.powers.signal.aborted)
      return failed(`it was still open after ${within}, expected it to close with ${codes.join(' or ')}`)
    await talk.connection.change(left)
  }
}

async function reconnect(talk: Talk, with_: Talking): Promise<TalkEnd | null> {
  await talk.connection.leave()
  note(talk, with_, '= left, and connected once more')
  const opened = await with_.open()
  if ('why' in opened) return failed(`it did not let in once more: ${opened.why}`)
  talk.earlier.push(...talk.connection.messages)
  talk.connection = opened
  talk.next = 0
  return null
}

function note(talk: Talk, { powers }: Talking, line: string): void {
  talk.notes.push({ at: powers.clock.now(), line })
}

/** In the order of time, what was heard before what was made of it. */
export function transcriptOf({ earlier, connection, notes }: Talk): string {
  const heard = [...earlier, ...connection.messages].map(
    ({ at, text, binary, bytes }): Note => ({ at, line: `< ${binary ? `${bytes.length} bytes` : text}` }),
  )
  const lines = [...heard, ...notes].toSorted((one, other) => one.at - other.at)
  return lines.map(({ line }) => `${line}\n`).join('')
}

/** Every value that is wanted is there; objects may have more. */
export function holds(wanted: Json, found: Json | undefined): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) && found.length === wanted.length && wanted.every((one, index) => holds(one, found[index]))
    )
  if (typeof wanted !== 'object' || wanted === null) return wanted === found
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return false
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(found, key) && holds(value, (found as Record<string, Json>)[key]),
  )
}

export function parsed({ text, binary }: Message): Json | undefined {
  if (binary) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

export function sayClose({ code, why }: { readonly code: number; readonly why: string }): string {
  const words = code === 1006 ? '1006, without a word' : String(code)
  return oneLine(why === '' ? words : `${words} (${why})`, 160)
}

function sayOthers(others: readonly Message[]): string {
  const last = others.at(-1)
  if (last === undefined) return 'none came at all'
  return `${others.length === 1 ? 'one other came' : `${others.length} others came, the last`}: ${quoted(last)}`
}

function quoted(message: Message): string {
  return message.binary ? `a message of ${message.bytes.length} bytes` : oneLine(message.text, 120)
}

function failed(say: string): TalkEnd {
  return { outcome: 'failed', say: oneLine(say) }
}
