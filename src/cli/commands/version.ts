/** `version`: of Holdpoint and of the Node it runs on. `bin/holdpoint.js` answers it too, without loading this. */
import { readFile } from 'node:fs/promises'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'

export const version: Run = async (context) => {
  const found = await programVersion()
  if (context.json) printJson(context, { version: found, node: process.version })
  else context.out(`holdpoint ${found} (node ${process.version})`)
  return 0
}

/** package.json lies three folders up in a checkout, four in an installed package (`dist/src/...`). */
export async function programVersion(): Promise<string> {
  for (const up of ['../../../package.json', '../../../../package.json']) {
    try {
      const found: unknown = JSON.parse(await readFile(new URL(up, import.meta.url), 'utf8'))
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version)
    } catch (fault) {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'ENOENT')) throw fault
    }
  }
  return 'unknown'
}
