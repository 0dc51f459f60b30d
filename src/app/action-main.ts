/** Entry of an action of a kind: the launcher starts it as it starts a shell, with the file of its settings. */
import module from 'node:module'

module.enableCompileCache()
const [{ runAction }, { actions }] = await Promise.all([
  import('../worker/action-process.ts'),
  import('../actions/index.ts'),
])
process.exitCode = await runAction(actions, process.argv[2] ?? '')
