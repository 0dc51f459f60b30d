/** How large a file is, in words. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < 1_024 ** 2) return `${(bytes / 1_024).toFixed(bytes < 10_240 ? 1 : 0)} KiB`
  return `${(bytes / 1_024 ** 2).toFixed(1)} MiB`
}
