/** Bytes that others wrote, as a file to keep: a browser neither shows them in our name nor runs anything in them. */
import type { Context } from 'hono'

/** `name` is made of what ids and hashes are made of. */
export function download(
  context: Context,
  body: string | Uint8Array<ArrayBuffer>,
  { type, name }: { readonly type: string; readonly name: string },
): Response {
  return context.body(body, 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]/g, '-')}"`,
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
}
