/** `message`: what a release tells whom; people look at drafts, change them, let them go, or answer for those that failed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WireCommand } from '../../api/client-types.ts'
import type { MessageView, ReleaseView } from '../../report/view.ts'
import { dateWords } from '../../report/words.ts'
import { askEngine } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { findRelease, findTarget } from '../release-argument.ts'
import { visible, visibleLines } from '../terminal/text.ts'
import { list as many, text } from '../values.ts'

export const list: Run = async (context, words) => {
  const client = await context.client()
  const view = await findRelease(client, words[0], true)
  // The same words go to the terminal by themselves: they are no messages to anybody.
  const numbered = view.messages.map((message, index) => ({ number: index + 1, ...message }))
  const told = numbered.filter(isTold)
  if (context.json) printJson(context, numbered)
  else if (told.length === 0) context.err('no messages yet; a checklist says whom to tell with ```md notify blocks')
  else for (const message of told) for (const line of linesOf(message)) context.out(visible(line))
  return 0
}

/** What the checklist words itself, or somebody looked at, was told by somebody, on the terminal too. */
function isTold({ channel, draft, required, body, editedBy, settledBy }: MessageView): boolean {
  return channel !== 'console' || draft !== null || required || body !== null || editedBy !== null || settledBy !== null
}

/** How each state reads; the first are those that want somebody. */
export const statusWords: Readonly<Record<MessageView['status'], string>> = {
  draft: 'waits for a person',
  failed: 'not sent',
  queued: 'being sent',
  gathered: 'waits for a digest',
  delivered: 'sent',
  digested: 'in a digest',
  'by-hand': 'told another way',
  dropped: 'dropped',
  waived: 'gone on without',
}

function linesOf(message: MessageView & { readonly number: number }): readonly string[] {
  const { number, status, required, channel, audience, on, subject, say, draft, missing, settledBy } = message
  const to = audience === null ? channel : `${audience} (${channel})`
  const role = draft?.role ? ` of role ${draft.role}` : ''
  const details = [
    ...(missing.length > 0 ? [`not known: ${missing.join(', ')}`] : []),
    ...(say === '' ? [] : [say]),
    ...(settledBy === null ? [] : [`by ${settledBy}`]),
  ]
  return [
    `${String(number).padStart(3)}  ${statusWords[status]}${role}${required ? ', required' : ''}  to ${to}  on ${on}`,
    `     ${subject}`,
    ...(details.length > 0 ? [`     ${details.join(' · ')}`] : []),
  ]
}

export const show: Run = async (context, words) => {
  const { view, message } = await findMessage(context, words)
  if (context.json) {
    printJson(context, message)
    return 0
  }
  const number = view.messages.indexOf(message) + 1
  for (const line of linesOf({ number, ...message })) context.out(visible(line))
  context.out(
    `     ${dateWords(message.at)}${message.editedBy === null ? '' : ` · changed by ${visible(message.editedBy)}`}`,
  )
  context.out('')
  context.out(visibleLines(message.body ?? message.subject))
  return 0
}

export const send = onMessage((message) => ({
  kind: 'SendMessage',
  message: message.id,
  role: message.draft?.role ?? null,
}))

export const drop = onMessage((message, options) => ({
  kind: 'DropMessage',
  message: message.id,
  why: text(options, 'reason') ?? '',
}))

export const waive = onMessage((message, options) => ({
  kind: 'WaiveMessage',
  message: message.id,
  role: text(options, 'role') ?? '',
  reason: text(options, 'reason') ?? '',
}))

export const confirm: Run = async (context, words, options) => {
  const { view, message } = await findMessage(context, words)
  const client = await context.client()
  const { keepFiles } = await import('../evidence.ts')
  const evidence = await keepFiles(client, many(options, 'evidence'))
  const note = text(options, 'note') ?? ''
  return askEngine(context, client, view, { kind: 'ConfirmMessage', message: message.id, note, evidence })
}

export const edit: Run = async (context, words, options) => {
  const { view, message } = await findMessage(context, words)
  const before = message.body ?? message.subject
  const given = givenText(options) ?? (text(options, 'subject') === null ? inEditor(before) : before)
  const subject = text(options, 'subject') ?? message.subject
  const command: WireCommand = { kind: 'EditMessage', message: message.id, subject, body: given }
  return askEngine(context, await context.client(), view, command)
}

function givenText(options: Values): string | null {
  const file = text(options, 'textFile')
  if (file === null) return text(options, 'text')
  if (text(options, 'text') !== null) throw new UsageFault('--text and --text-file were both given; give one')
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new UsageFault(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** The editor the person has chosen, on a file of its own. */
function inEditor(before: string): string {
  const editor = process.env['VISUAL'] ?? process.env['EDITOR']
  if (!editor || !process.stdin.isTTY)
    throw new UsageFault("expected the new text, for example --text 'We are back.' (or set EDITOR and use a terminal)")
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-message-'))
  const file = join(folder, 'message.md')
  try {
    writeFileSync(file, `${before}\n`)
    const run = spawnSync('sh', ['-c', `${editor} "$1"`, 'edit', file], { stdio: 'inherit' })
    if (run.status !== 0) throw new UsageFault(`${editor} ended with ${run.status ?? 'a signal'}; nothing was changed`)
    return readFileSync(file, 'utf8').trim()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function onMessage(make: (message: MessageView, options: Values) => WireCommand): Run {
  return async (context, words, options) => {
    const { view, message } = await findMessage(context, words)
    return askEngine(context, await context.client(), view, make(message, options), text(options, 'sign'))
  }
}

/** By its number in the list, its id, or the beginning of it. */
async function findMessage(
  context: Context,
  words: readonly string[],
): Promise<{ readonly view: ReleaseView; readonly message: MessageView }> {
  const { view, rest } = await findTarget(await context.client(), words, 1)
  const given = rest[0]
  if (given === undefined) throw new UsageFault('expected MESSAGE, for example holdpoint message show 3')
  const found = /^[1-9]\d{0,5}$/.test(given)
    ? view.messages.slice(Number(given) - 1, Number(given))
    : view.messages.filter(({ id }) => id === given || id.startsWith(given))
  const [message, other] = found
  if (!message) throw new UsageFault(`there is no message "${given}"; see: holdpoint message list ${view.release}`)
  if (other && message.id !== given)
    throw new UsageFault(
      `"${given}" fits ${found.length} messages; give the number that "holdpoint message list" shows`,
    )
  return { view, message }
}
