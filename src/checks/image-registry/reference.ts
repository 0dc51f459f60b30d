/** The address of an image in a registry: `https://registry.example.com/shop/api:1.4.0`, or with `@sha256:…`. */

export interface ImageReference {
  /** `https://registry.example.com` */
  readonly origin: string
  /** `shop/api` */
  readonly repository: string
  /** A tag, or a digest. */
  readonly reference: string
}

const shape =
  /^(https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?|https?:\/\/\[[0-9a-fA-F:]+\](?::\d{1,5})?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/

/** A digest wins over a tag beside it. Null where it is none, or names neither. */
export function readReference(text: string): ImageReference | null {
  const [, origin, repository, tag, digest] = shape.exec(text) ?? []
  const reference = digest ?? tag
  if (origin === undefined || repository === undefined || reference === undefined) return null
  return { origin, repository, reference }
}

/** `Bearer realm="https://auth.example.com/token",service="registry"` in parts; names in small letters. */
export function readChallenge(header: string): {
  readonly scheme: string
  readonly values: ReadonlyMap<string, string>
} {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/.exec(header) ?? []
  const values = new Map<string, string>()
  for (const [, name = '', quoted, bare] of rest.matchAll(/([A-Za-z_]+)=(?:"([^"]*)"|([^\s,"]+))/g))
    values.set(name.toLowerCase(), quoted ?? bare ?? '')
  return { scheme: scheme.toLowerCase(), values }
}
