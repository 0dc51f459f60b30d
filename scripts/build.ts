/** Makes dist/: JavaScript that runs from an installed package, where Node strips no types. */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')

// The pages beside them are made by build-web.ts.
for (const folder of ['src', 'demo']) rmSync(join(dist, folder), { recursive: true, force: true })
const compiler = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (compiler.status !== 0) process.exit(compiler.status ?? 1)
// What the program reads beside its code: checklists of the demo, templates.
for (const folder of ['src', 'demo']) {
  cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: (path) => !path.endsWith('.ts') })
}
process.stdout.write(`built ${relative(process.cwd(), dist) || '.'}\n`)
