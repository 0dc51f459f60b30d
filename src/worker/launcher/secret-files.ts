/** Reads files that checklists name as secrets: any, or where commands have a user of their own only those in folders set aside for it. */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, realpathSync, constants } from 'node:fs'
import { relative } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** A file that is not there, or empty, gives nothing. */
export type SecretFile = { readonly content: string | undefined } | { readonly refused: string }
export type ReadSecretFile = (path: string) => SecretFile

const USUAL_FOLDER = '/run/secrets'

/** Throws a sentence when `HOLDPOINT_SECRET_FOLDERS` is no list of folders. */
export function secretFolders(environment: Environment): readonly string[] | null {
  if ((environment['HOLDPOINT_COMMAND_USER'] ?? '') === '') return null
  const given = environment['HOLDPOINT_SECRET_FOLDERS'] ?? ''
  // Where a service manager puts credentials for this service alone.
  const usual = [USUAL_FOLDER, environment['CREDENTIALS_DIRECTORY'] ?? ''].filter((folder) => folder !== '')
  const folders = given === '' ? usual : given.split(':')
  if (folders.every((folder) => folder.startsWith('/') && folder !== '/')) return folders
  throw new Error(
    `HOLDPOINT_SECRET_FOLDERS is "${given}"; expected folders from the root, with colons between them, for example HOLDPOINT_SECRET_FOLDERS=/run/secrets:/etc/holdpoint/secrets`,
  )
}

/** This process may read what commands may not: a checklist must not get it by calling it a secret. */
export function secretFileReader(environment: Environment): ReadSecretFile {
  return (path) => {
    try {
      const folders = secretFolders(environment)
      return folders === null ? { content: readFileSync(path, 'utf8') } : readBelow(folders, path)
    } catch (cause) {
      return cause instanceof Error && 'code' in cause
        ? { content: undefined }
        : { refused: cause instanceof Error ? cause.message : String(cause) }
    }
  }
}

/** Opened first, and then looked at where it lies: nothing can be exchanged in between. */
function readBelow(folders: readonly string[], path: string): SecretFile {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const place = readlinkSync(`/proc/self/fd/${file}`)
    if (folders.some((folder) => isBelow(folder, place)) && fstatSync(file).isFile())
      return { content: readFileSync(file, 'utf8') }
  } finally {
    closeSync(file)
  }
  const named = folders.join(', ')
  return {
    refused: `the file ${path} lies in no folder of secrets (${named}); with HOLDPOINT_COMMAND_USER no other file is one. HOLDPOINT_SECRET_FOLDERS names the folders`,
  }
}

function isBelow(folder: string, place: string): boolean {
  try {
    const way = relative(realpathSync.native(folder), place)
    return way !== '' && way !== '..' && !way.startsWith('../')
  } catch {
    return false
  }
}
