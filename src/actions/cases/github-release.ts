/** What the contract asks of `github-release`: a repository with a tag, and files that were built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActionCases } from '../actions.contract.ts'
import { startGithubApi } from '../parts/github.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    api.repository.refs.set('v1.4.0', 'a'.repeat(40))
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-release-'))
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'shop.tar.gz'), 'an archive')
    writeFileSync(join(folder, 'dist', 'SHA256SUMS'), 'sums')
    return {
      cwd: folder,
      env: { GITHUB_TOKEN: api.token },
      variables: { version: '1.4.0' },
      config: {
        repository: 'acme/shop',
        base: api.base,
        tag: 'v{{ version }}',
        notes: 'What is new',
        assets: ['dist/*.tar.gz', 'dist/SHA256SUMS'],
      },
      state: () => structuredClone(api.repository.releases),
      end: async () => {
        rmSync(folder, { recursive: true })
        await api.close()
      },
    }
  },
  broken: [
    { name: 'there is no such tag', config: { tag: 'v9' }, says: 'GitHub has no tag v9' },
    { name: 'a file is not there', config: { assets: ['dist/*.deb'] }, says: 'there is no file dist/*.deb' },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
  ],
}
