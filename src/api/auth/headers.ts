/** What every answer over the network says to browsers: nothing of it is a page, unless a route serves pages. */
import { createMiddleware } from 'hono/factory'
import { type ApiEnv, doorOf } from '../env.ts'

const always = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Answers are about releases in production: no cache on the way keeps them.
  'cache-control': 'no-store',
} as const

export function securityHeaders(isSecure: boolean) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    await next()
    if (doorOf(context).kind === 'local') return
    for (const [name, value] of Object.entries(always))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    if (isSecure) context.res.headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
  })
}
