/** No copy, and the reason. */
export class CopyRefused extends Error {
  override name = 'CopyRefused'
}
