/** Gives browsers the pages: files from one folder, read once, under a policy that lets only our own scripts run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { createMiddleware } from 'hono/factory'
import { type ApiEnv, doorOf } from './env.ts'

export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Addresses that are pages: each is drawn in the browser from the same file. Nothing of the API is among them. */
const pages = [
  /^\/$/,
  /^\/releases\/[^/]+(\/rollout|\/sign\/[^/]+)?$/,
  /^\/(sign-in|setup|welcome|enter|passkeys|start|terminal)$/,
  /^\/(records|checklists|audit|settings)(\/.*)?$/,
]

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.md': 'text/plain; charset=utf-8',
}

interface WebFile {
  readonly plain: Uint8Array<ArrayBuffer>
  readonly br: Uint8Array<ArrayBuffer> | null
  readonly gzip: Uint8Array<ArrayBuffer> | null
  readonly type: string
  /** Its name is made of its content: it never changes. */
  readonly isForEver: boolean
}

/** Whoever asks for a file gets it, also somebody unknown: there is nothing of anybody's in them. */
export function webFiles(folder: string) {
  const files = readAll(folder)
  const index = files.get('/index.html')
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { path, method } = context.req
    if ((method !== 'GET' && method !== 'HEAD') || doorOf(context).kind === 'local') return next()
    const file = files.get(path) ?? (pages.some((page) => page.test(path)) ? index : undefined)
    if (file === undefined) {
      await next()
      if (index !== undefined && isLostReader(context.res, path, context.req.header('accept') ?? '')) {
        context.res = undefined
        context.res = new Response(method === 'HEAD' ? null : index.plain, {
          status: 404,
          headers: headersOf(index, null),
        })
      }
      return
    }
    const { body, encoding } = packed(file, context.req.header('accept-encoding') ?? '')
    const headers = headersOf(file, encoding)
    return method === 'HEAD' ? context.body(null, 200, headers) : context.body(body, 200, headers)
  })
}

/** Somebody who reads, at an address where nothing is: the pages say so in words. Programs are told as before. */
function isLostReader(answer: Response, path: string, accepted: string): boolean {
  return answer.status === 404 && accepted.includes('text/html') && !path.startsWith('/v1/') && isProblem(answer)
}

function isProblem(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('application/problem+json') ?? false
}

function headersOf(file: WebFile, encoding: string | null): Record<string, string> {
  return {
    'content-type': file.type,
    'content-security-policy': PAGE_POLICY,
    'cache-control': file.isForEver ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
  }
}

function packed(file: WebFile, accepted: string): { body: Uint8Array<ArrayBuffer>; encoding: string | null } {
  if (file.br !== null && /\bbr\b/.test(accepted)) return { body: file.br, encoding: 'br' }
  if (file.gzip !== null && /\bgzip\b/.test(accepted)) return { body: file.gzip, encoding: 'gzip' }
  return { body: file.plain, encoding: null }
}

/** By path. All of them: a build that replaces the folder does not reach who looks at the pages of this process. */
function readAll(folder: string): ReadonlyMap<string, WebFile> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => Object.hasOwn(types, extname(file)))
  return new Map(files.map((file) => [`/${relative(folder, file).split(sep).join('/')}`, fileAt(file)]))
}

function fileAt(file: string): WebFile {
  const beside = (ending: string): Uint8Array<ArrayBuffer> | null =>
    existsSync(`${file}${ending}`) ? new Uint8Array(readFileSync(`${file}${ending}`)) : null
  return {
    plain: new Uint8Array(readFileSync(file)),
    br: beside('.br'),
    gzip: beside('.gz'),
    type: types[extname(file)] ?? 'application/octet-stream',
    isForEver: file.includes(`${sep}assets${sep}`),
  }
}
