/** Makes dist/web/: the pages that `serve` shows, with names made of their content, packed ahead for browsers. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist', 'web')
/** Made beside and put in place at the end: whoever serves the old one meanwhile never sees half of it. */
const making = join(root, 'dist', `.web-${process.pid}`)
const PACKED = /\.(js|css|html|svg|txt)$/

await build({
  root: join(root, 'web'),
  configFile: false,
  logLevel: 'warn',
  build: {
    outDir: making,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Small pictures inside a file would be `data:` addresses: the policy of the pages names where they may come from.
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
    reportCompressedSize: false,
  },
})
for (const file of filesIn(making)) {
  if (!PACKED.test(file)) continue
  const bytes = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(
    `${file}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  )
}
const before = `${making}-before`
mkdirSync(dirname(dist), { recursive: true })
try {
  renameSync(dist, before)
} catch {
  // There was none.
}
renameSync(making, dist)
rmSync(before, { recursive: true, force: true })
process.stdout.write(`built ${relative(process.cwd(), dist) || '.'}\n`)

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
