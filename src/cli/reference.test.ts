/** docs/cli.md is what the commands say of themselves. Rewrite it with `npx vitest run src/cli/reference.test.ts -u`. */
import { expect, test } from 'vitest'
import { commandTable, groups } from './command-table.ts'
import { build } from './program.ts'
import { cliReference } from './reference.ts'

test('docs/cli.md holds every command as it is now', async () => {
  await expect(cliReference()).toMatchFileSnapshot('../../docs/cli.md')
})

test('every command and every option of --help stands in docs/cli.md', () => {
  const reference = cliReference()
  const program = build(() => {})
  // `judge` is a command and has others below it.
  const groupNames = Object.keys(groups)
  const leaves = program.commands.flatMap((command) => [
    ...(groupNames.includes(command.name()) ? [] : [{ path: command.name(), inner: command }]),
    ...command.commands.map((inner) => ({ path: `${command.name()} ${inner.name()}`, inner })),
  ])
  expect(leaves.map((leaf) => leaf.path).sort()).toEqual(commandTable.map((entry) => entry.path).sort())
  for (const { path, inner } of leaves) {
    expect(reference).toContain(`holdpoint ${path}`)
    for (const option of inner.options.filter(({ hidden }) => !hidden))
      expect(reference, `${path} ${option.flags}`).toContain(`\`${option.flags}\``)
  }
})

test('the help of every command shows one example', () => {
  const program = build(() => {})
  for (const entry of commandTable) {
    const names = entry.path.split(' ')
    let text = ''
    const command = names.reduce((parent, name) => parent.commands.find((one) => one.name() === name)!, program)
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
    expect(text).toContain(`Example:\n  ${entry.example}`)
  }
})
