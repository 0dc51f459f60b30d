/** Files that people give as evidence: kept by the engine under their hash. */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { Client } from '../api/client-types.ts'
import type { Evidence } from '../core/release/events.ts'
import { UsageFault } from './faults.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.txt': 'text/plain',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.pdf': 'application/pdf',
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : null
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(fault)
    throw new UsageFault(`${file} cannot be kept as evidence: ${why}. For example: --evidence screenshot.png`)
  }
}

export async function keepFiles(client: Client, files: readonly string[]): Promise<readonly Evidence[]> {
  const kept: Evidence[] = []
  for (const file of files) {
    const { sha256, size } = await client.putEvidence(await bytesOf(file))
    const mediaType = mediaTypes[extname(file).toLowerCase()] ?? 'application/octet-stream'
    kept.push({ name: basename(file), sha256, size, mediaType, truncated: false })
  }
  return kept
}
