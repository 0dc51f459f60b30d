/** What the contract asks of `backup`: a folder with an old one, and a command that makes another. */
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActionCases } from '../actions.contract.ts'

export const cases: ActionCases = {
  world: () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-backups-'))
    writeFileSync(join(folder, 'old.dump'), 'old')
    utimesSync(join(folder, 'old.dump'), 1_000_000, 1_000_000)
    return {
      cwd: folder,
      config: {
        // It is written in the background, as an order to another system would be.
        command: `(sleep 0.3; echo whole > part.tmp; mv part.tmp new.dump) >/dev/null 2>&1 &`,
        files: join(folder, '*.dump'),
        settled: '100ms',
        within: '30s',
      },
      state: () => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]),
      end: () => rmSync(folder, { recursive: true, force: true }),
    }
  },
  broken: [
    { name: 'the command fails', config: { command: 'echo no room >&2; exit 3' }, says: 'ended with 3: no room' },
    { name: 'nothing comes of it', config: { command: 'true', within: '200ms' }, says: 'there is no new backup' },
    { name: 'the folder is gone', config: { files: '/no/such/folder/*.dump' }, says: 'cannot be read (ENOENT)' },
    { name: 'it is too small', config: { 'min-bytes': 100, command: 'true', within: '200ms' }, says: 'no new backup' },
  ],
}
