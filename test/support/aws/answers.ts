/** How services of AWS answer: a request as a service sees it, and answers and refusals in each protocol. */

export interface AwsCall {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Of services that are asked by a form. */
  readonly form: URLSearchParams
  /** Of services that are asked in JSON. */
  readonly json: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly region: string
  readonly now: number
}

export interface AwsAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** A refusal by its code, which each protocol writes in its own way. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** One service: what it answers to a call. Throws Refusal. */
export interface AwsHandler {
  readonly protocol: 'rest-xml' | 'query' | 'json' | 'rest-json'
  /** What is done, in the words of policies: `s3:ListBucket`. */
  action(call: AwsCall): string
  answer(call: AwsCall): AwsAnswer
}

export function xml(body: string, headers: Readonly<Record<string, string>> = {}, status = 200): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'text/xml', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  }
}

/** As services answer that are asked by a form. */
export function formAnswer(action: string, inside: string): AwsAnswer {
  return xml(
    `<${action}Response xmlns="http://amazonaws.com/doc/"><${action}Result>${inside}</${action}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${action}Response>`,
  )
}

export function json(body: unknown, status = 200): AwsAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** Values as elements; a list as so many of them. */
export function elements(values: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
    .join('')
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export function refusalAnswer({ status, code, message }: Refusal, protocol: AwsHandler['protocol']): AwsAnswer {
  if (protocol === 'json') return json({ __type: `com.amazonaws#${code}`, message }, status)
  if (protocol === 'rest-json')
    return { ...json({ Type: 'User', message }, status), headers: { 'x-amzn-errortype': `${code}:http://internal/` } }
  const error = `<Error>${elements({ Type: protocol === 'query' ? 'Sender' : undefined, Code: code, Message: message })}</Error>`
  return xml(
    protocol === 'query' ? `<ErrorResponse>${error}<RequestId>r-1</RequestId></ErrorResponse>` : error,
    {},
    status,
  )
}
