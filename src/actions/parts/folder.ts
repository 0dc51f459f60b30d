/** The files of a folder that is put somewhere: their names, sizes and media types. */
import { readdir, stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { ActionFault } from '../../core/ports/action.ts'

const mostFiles = 50_000
/** A file is sent in one piece. */
const mostBytes = 512 * 1024 * 1024

/** Names with slashes, in order. Throws ActionFault for what is no file, and for too much. */
export async function filesBelow(
  folder: string,
): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((fault: unknown) => {
    throw new ActionFault(`${folder} cannot be read: ${(fault as { code?: string }).code ?? String(fault)}`)
  })
  const found: { name: string; bytes: number }[] = []
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (!entry.isFile()) throw new ActionFault(`${name} is no file, and no folder`)
    const { size } = await stat(path)
    if (size > mostBytes) throw new ActionFault(`${name} has ${size} bytes, more than is sent in one piece`)
    found.push({ name, bytes: size })
    if (found.length > mostFiles) throw new ActionFault(`${folder} has more than ${mostFiles} files`)
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  ico: 'image/x-icon',
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  wasm: 'application/wasm',
  pdf: 'application/pdf',
  mp4: 'video/mp4',
  webm: 'video/webm',
  zip: 'application/zip',
  gz: 'application/gzip',
}

export function mediaTypeOf(name: string): string {
  return types[extname(name).slice(1).toLowerCase()] ?? 'application/octet-stream'
}
