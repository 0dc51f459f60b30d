/** Where a command of a server runs on this machine: in the worker's own workspace, with the worker's own values. */
import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { CommandRequest } from '../../core/ports/launcher.ts'

/** What belongs to the worker itself is lent to no command, whatever a checklist names. */
const OWN_NAMES = /^HOLDPOINT_/

export interface Workplace {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The request as this machine's launcher gets it, or why it cannot be started, in words. */
export function localRequest(
  request: CommandRequest,
  { workspace, environment }: Workplace,
): CommandRequest | { readonly refused: string } {
  const { place, ...rest } = request
  const folder = folderIn(workspace, place?.folder ?? '')
  if ('refused' in folder) return folder
  const own = Object.values(request.secrets).find((secret) => secret.from === 'env' && OWN_NAMES.test(secret.name))
  if (own !== undefined) return { refused: 'a secret names a variable of the worker itself' }
  const values = (place?.environmentNames ?? []).flatMap((name): [string, string][] => {
    const value = OWN_NAMES.test(name) ? undefined : environment[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...rest, cwd: folder.path, env: { ...Object.fromEntries(values), ...request.env } }
}

/** After following links, which must not lead out. */
function folderIn(workspace: string, folder: string): { readonly path: string } | { readonly refused: string } {
  const base = realPathOf(workspace)
  if (base === null) return { refused: `the worker's workspace ${workspace} does not exist` }
  const path = realPathOf(join(base, folder))
  if (path === null) return { refused: `there is no folder ${folder} in the worker's workspace ${workspace}` }
  const way = relative(base, path)
  if (way === '..' || way.startsWith('../') || isAbsolute(way))
    return { refused: `the folder ${folder} leads out of the worker's workspace` }
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder ? { path } : { refused: `${folder} in the worker's workspace is no folder` }
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}
