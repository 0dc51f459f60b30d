/** Entry of the local engine process: everything else is loaded after the compile cache is on. */
import module from 'node:module'

module.enableCompileCache()
const { runEngineProcess } = await import('./engine-process.ts')
process.exitCode = await runEngineProcess()
