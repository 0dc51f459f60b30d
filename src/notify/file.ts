/** Channel `file`: one line per message at the end of a file in the checklist's folder. */
import { constants, open, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { defineNotifier, NotifyFault } from '../core/ports/notify.ts'

const config = z.strictObject({
  path: z.string().min(1).describe("File, relative to the checklist's folder; made when it is missing"),
})

/** A link is not followed, and a pipe that nobody reads is an error, not a wait. */
const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

export const file = defineNotifier({
  kind: 'file',
  summary: "One line of JSON per message at the end of a file in the checklist's folder",
  config,
  example: 'channels:\n  log: { kind: file, path: releases.jsonl }',
  render: ({ id, release, on, subject, body }) => JSON.stringify({ id, release, on, subject, body }),
  async send(rendered, _message, { path }, powers) {
    try {
      const handle = await open(await placeOf(powers.root, path), appending, 0o644)
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

/** The folder is followed through links and must still lie in the checklist's; the file itself must not be a link. */
async function placeOf(root: string, path: string): Promise<string> {
  const base = await realpath(root)
  const wanted = resolve(base, path)
  const folder = isInside(base, dirname(wanted)) ? await realpath(dirname(wanted)) : null
  if (folder === null || !isInside(base, folder)) {
    throw new NotifyFault(`${path} lies outside the checklist's folder`, { retryable: false })
  }
  return join(folder, basename(wanted))
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'))
}
