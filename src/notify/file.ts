/** Channel `file`: one line per message at the end of a file in the checklist's folder. */
import { constants, type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { defineNotifier, NotifyFault } from '../core/ports/notify.ts'

const config = z.strictObject({
  path: z.string().min(1).describe("File, relative to the checklist's folder; made when it is missing"),
})

/** A link is not followed, and a pipe that nobody reads is an error, not a wait. */
const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Not among Node's constants: names a folder without reading it. */
const O_PATH = 0o10000000
const HOLDING = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

export const file = defineNotifier({
  kind: 'file',
  summary: "One line of JSON per message at the end of a file in the checklist's folder",
  config,
  example: 'channels:\n  log: { kind: file, path: releases.jsonl }',
  render: ({ id, release, on, subject, body }) => JSON.stringify({ id, release, on, subject, body }),
  async send(rendered, _message, { path }, powers) {
    try {
      const handle = await openAt(await placeOf(powers.root, path), path)
      try {
        if (!(await handle.stat()).isFile()) throw new NotifyFault(`${path} is no file`, { retryable: false })
        await handle.write(`${rendered}\n`)
        await handle.datasync()
      } finally {
        await handle.close()
      }
    } catch (cause) {
      if (cause instanceof NotifyFault) throw cause
      const { code } = cause as { code?: unknown }
      throw new NotifyFault(`${path} cannot be written (${String(code ?? cause)})`, {
        retryable: code !== 'ELOOP',
        cause,
      })
    }
    return `written to ${path}`
  },
})

/** The folder is held open while the file in it is opened, so that no link that is put in its place leads elsewhere. */
async function openAt({ folder, name }: Place, path: string): Promise<FileHandle> {
  if (process.platform !== 'linux') return open(join(folder, name), appending, 0o644)
  const held = await open(folder, HOLDING)
  try {
    const place = `/proc/self/fd/${held.fd}`
    if ((await readlink(place)) !== folder)
      throw new NotifyFault(`the folder of ${path} was exchanged while it was opened`, { retryable: true })
    return await open(join(place, name), appending, 0o644)
  } finally {
    await held.close()
  }
}

interface Place {
  readonly folder: string
  readonly name: string
}

/** The folder is followed through links and must still lie in the checklist's; the file itself must not be a link. */
async function placeOf(root: string, path: string): Promise<Place> {
  const base = await realpath(root)
  const wanted = resolve(base, path)
  const folder = isInside(base, dirname(wanted)) ? await realpath(dirname(wanted)) : null
  if (folder === null || !isInside(base, folder)) {
    throw new NotifyFault(`${path} lies outside the checklist's folder`, { retryable: false })
  }
  return { folder, name: basename(wanted) }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'))
}
