/** As much of the mail library's surface as the channel `email` uses. */
declare module 'nodemailer' {
  import type { Socket } from 'node:net'
  export interface MailServer {
    readonly host: string
    readonly port: number
    readonly secure: boolean
    readonly requireTLS: boolean
    readonly ignoreTLS: boolean
    readonly connection: Socket
    readonly auth?: { readonly user: string; readonly pass: string }
    readonly tls: { readonly minVersion: 'TLSv1.2'; readonly rejectUnauthorized: true }
    readonly disableFileAccess: true
    readonly disableUrlAccess: true
  }
  export interface Mail {
    readonly from: string
    readonly to: readonly string[]
    readonly subject: string
    readonly messageId: string
    readonly references: string
    readonly date?: Date
    readonly headers: Readonly<Record<string, string>>
    readonly text: string
    readonly html: string
    readonly signal?: AbortSignal
  }
  export interface Delivered {
    readonly response: string
    readonly accepted: readonly string[]
    readonly rejected: readonly string[]
    readonly rejectedErrors?: readonly { readonly responseCode?: number; readonly response?: string }[]
  }
  export function createTransport(server: MailServer): {
    sendMail(mail: Mail): Promise<Delivered>
    verify(): Promise<true>
    close(): void
  }
}
