import type { Fields } from './object.ts'

/** What an error is about: `kind` is the plural in most errors, the kind in those of validation. */
export interface Subject {
  group?: string
  kind: string
  name?: string
}

/** One field that validation refuses. */
export interface Cause {
  reason: string
  message: string
  field: string
}

/** An answer other than success, which the API gives as an object of kind Status. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Fields | undefined

  constructor(code: number, reason: string, message: string, details?: Fields) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  /** The Status object of the answer. */
  toStatus(): Fields {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

const detailsOf = ({ group, kind, name }: Subject): Fields => ({
  ...(name === undefined ? {} : { name }),
  ...(group ? { group } : {}),
  kind,
})

const qualified = ({ group, kind, name }: Subject) => `${kind}${group ? `.${group}` : ''} "${name ?? ''}"`

export function notFound(subject: Subject): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(subject)} not found`, detailsOf(subject))
}

/** The path leads nowhere. */
export function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}

/** `leaving`: what has the name is being deleted, and has it still. */
export function alreadyExists(subject: Subject, leaving = false): StatusError {
  const message = `${leaving ? 'object is being deleted: ' : ''}${qualified(subject)} already exists`
  return new StatusError(409, 'AlreadyExists', message, detailsOf(subject))
}

export function conflict(subject: Subject, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)}: ${why}`,
    detailsOf(subject),
  )
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function forbidden(subject: Subject, why: string, causes?: Cause[]): StatusError {
  return new StatusError(403, 'Forbidden', `${qualified(subject)} is forbidden: ${why}`, {
    ...detailsOf(subject),
    ...(causes ? { causes } : {}),
  })
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

/** Objects and lists lie deeper within each other than the sandbox follows. */
export function tooDeep(): StatusError {
  return badRequest('exceeded max depth: objects and lists lie more than 1000 deep within each other')
}

export function invalid(subject: Subject, causes: Cause[]): StatusError {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`)
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  const kind = `${subject.kind}${subject.group ? `.${subject.group}` : ''}`
  return new StatusError(422, 'Invalid', `${kind} "${subject.name ?? ''}" is invalid: ${list}`, {
    ...detailsOf(subject),
    causes,
  })
}

/** The version that was asked for is no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function unsupportedMediaType(accepted: string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

export const required = (field: string, message = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: message ? `Required value: ${message}` : 'Required value',
  field,
})

export const forbiddenField = (field: string, message: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${message}`,
  field,
})

export const invalidField = (field: string, value: unknown, message: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value ?? null)}: ${message}`,
  field,
})

export const unsupportedValue = (field: string, value: unknown, supported: string[]): Cause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}`,
  field,
})
