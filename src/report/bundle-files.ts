/** The files of a bundle by name. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>

/** Throws for a file that is missing or no UTF-8. */
export function textOf(files: BundleFiles, name: string): string {
  const bytes = files.get(name)
  if (!bytes) throw new Error(`${name} is missing`)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
