/** The quick reader of command lines says the same as commander, or nothing. */
import { expect, test } from 'vitest'
import { commandTable } from './command-table.ts'
import { parse } from './program.ts'
import { quickParse } from './quick-parse.ts'

const plain = [
  'release list',
  'release list --open --json',
  'release list --service checkout --limit 3',
  'run RELEASE.md --env production',
  'run RELEASE.md --version 1.2.3 --env production --set a=1 --set b=2=3 --dry-run --yes --until closed',
  'release answer smoke passed --field a=1 --field b=2 --evidence x.png --as ana',
  'release settle deploy --as done --reason seen --by bo',
  'export shop-1 -o out.bundle --format bundle',
  'records due RELEASE.md',
]

test.each(plain)('`%s` is read as commander reads it', async (line) => {
  const argv = line.split(' ')
  const quick = quickParse(argv)
  const slow = await parse(argv)
  expect(quick).not.toBeNull()
  expect(quick).toEqual(slow)
})

const leftToCommander = [
  '',
  '--help',
  'run --help',
  'lint',
  'run RELEASE.md --version',
  'run RELEASE.md --version --json',
  'run RELEASE.md --version=1',
  'run RELEASE.md --version 1 --until never',
  'release',
  'release lst',
  'release list extra',
  'release list --opne',
  'demo --bad latency',
  'demo --fast',
  'demo --no-open',
  'serve --no-local-worker',
  'help run',
]

test.each(leftToCommander)('`%s` is left to commander', (line) => {
  expect(quickParse(line.split(' ').filter(Boolean))).toBeNull()
})

test('the example of every command is one that commander accepts', async () => {
  for (const { example, path } of commandTable) {
    const argv = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1)
    const asked = await parse(argv)
    expect(asked?.entry.path, example).toBe(path)
  }
})
