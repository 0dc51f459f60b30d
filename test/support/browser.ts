/** As much of a browser as signing in takes: cookies by host, redirects, and the provider's two forms. */

export interface Seen {
  readonly url: string
  readonly status: number
  readonly text: string
}

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()

  /** Follows redirects; stops before an address for which `until` holds. */
  async open(address: string, until: (url: URL) => boolean = () => false, form?: URLSearchParams): Promise<Seen> {
    let url = new URL(address)
    let body = form
    for (let hops = 0; hops < 20; hops += 1) {
      if (until(url)) return { url: url.href, status: 0, text: '' }
      const answer = await this.#ask(url, body)
      body = undefined
      const next = answer.headers.get('location')
      if (next === null) return { url: url.href, status: answer.status, text: await answer.text() }
      url = new URL(next, url)
    }
    throw new Error(`endless redirects at ${url.href}`)
  }

  /** Signs in at the provider as this person, agrees to what it asks, and stops before `until`. */
  async signIn(address: string, login: string, until: (url: URL) => boolean): Promise<Seen> {
    let seen = await this.open(address, until)
    for (let forms = 0; forms < 5 && seen.status !== 0; forms += 1) {
      const action = /<form[^>]* action="([^"]+)"/.exec(seen.text)?.[1]
      if (action === undefined) return seen
      const prompt = /name="prompt" value="(\w+)"/.exec(seen.text)?.[1] ?? ''
      const fields = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login, password: 'any' } : {}) })
      seen = await this.open(new URL(action, seen.url).href, until, fields)
    }
    return seen
  }

  cookies(url: string): string {
    return [...(this.#cookies.get(hostOf(new URL(url))) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #ask(url: URL, form: URLSearchParams | undefined): Promise<Response> {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: this.cookies(url.href), accept: 'text/html', 'sec-fetch-site': 'cross-site' },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    const jar = this.#cookies.get(hostOf(url)) ?? new Map<string, string>()
    this.#cookies.set(hostOf(url), jar)
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const isGone = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)
      if (isGone) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }
}

/** Browsers keep cookies by host and not by port; here ports are different machines, as they would be. */
function hostOf(url: URL): string {
  return url.host
}
