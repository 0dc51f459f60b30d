/** Which files are secrets where commands have a user of their own, and what happens to every other. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { secretFileReader, secretFolders } from './secret-files.ts'
import { resolveSecrets } from './secrets.ts'

const home = mkdtempSync(join(tmpdir(), 'holdpoint-secret-files-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const folder = join(home, 'secrets')
mkdirSync(folder)
writeFileSync(join(folder, 'token'), 'of the deployment\n')
writeFileSync(join(home, 'engine-key'), 'of the engine\n')
symlinkSync('token', join(folder, 'inside'))
symlinkSync(join(home, 'engine-key'), join(folder, 'outside'))
const apart = { HOLDPOINT_COMMAND_USER: 'nobody', HOLDPOINT_SECRET_FOLDERS: folder }

test('without a user for commands any file may be a secret: commands could read it themselves', () => {
  expect(secretFolders({ HOLDPOINT_SECRET_FOLDERS: folder })).toBeNull()
  expect(secretFileReader({})(join(home, 'engine-key'))).toEqual({ content: 'of the engine\n' })
})

describe('with a user for commands', () => {
  const read = secretFileReader(apart)

  test('only what lies in the folders of secrets is one, also behind links', () => {
    expect(read(join(folder, 'token'))).toEqual({ content: 'of the deployment\n' })
    expect(read(join(folder, 'inside'))).toEqual({ content: 'of the deployment\n' })
    for (const path of [
      join(home, 'engine-key'),
      join(folder, 'outside'),
      `${folder}/../engine-key`,
      '/etc/passwd',
      folder,
    ])
      expect(read(path)).toEqual({ refused: expect.stringContaining(`lies in no folder of secrets (${folder})`) })
    expect(read(join(folder, 'missing'))).toEqual({ content: undefined })
  })

  test('a file that is exchanged for a link later is refused then', () => {
    writeFileSync(join(folder, 'swapped'), 'of the deployment')
    expect(read(join(folder, 'swapped'))).toEqual({ content: 'of the deployment' })
    symlinkSync(join(home, 'engine-key'), join(home, 'next'))
    renameSync(join(home, 'next'), join(folder, 'swapped'))
    expect(read(join(folder, 'swapped'))).toEqual({ refused: expect.any(String) })
  })

  test('a command that names another file is not started, and the words say what to do', () => {
    const secrets = { KEY: { from: 'file' as const, path: join(home, 'engine-key') } }
    const none = () => undefined
    const resolved = resolveSecrets(secrets, none, none, read)
    expect(resolved).toEqual({ kind: 'unavailable', why: expect.stringContaining('HOLDPOINT_SECRET_FOLDERS') })
    expect(JSON.stringify(resolved)).not.toContain('of the engine')
  })

  test('the folders are those of containers and services, or as given; the whole machine is none', () => {
    const usual = { HOLDPOINT_COMMAND_USER: 'nobody' }
    expect(secretFolders(usual)).toEqual(['/run/secrets'])
    expect(secretFolders({ ...usual, CREDENTIALS_DIRECTORY: '/run/credentials/x' })).toEqual([
      '/run/secrets',
      '/run/credentials/x',
    ])
    for (const text of ['/', 'secrets', '/a::/b'])
      expect(() => secretFolders({ ...usual, HOLDPOINT_SECRET_FOLDERS: text })).toThrow(
        'for example HOLDPOINT_SECRET_FOLDERS=/run/secrets',
      )
  })
})
