import { badRequest, tooDeep } from './errors.ts'
import { isTooDeep, parseJson } from './json.ts'
import type { RequestAsRead } from './service.ts'

/** A request as its sender has written it. */
export interface WrittenRequest {
  method: string
  /** The path and the query. */
  url: string
  contentType?: string | undefined
  accept?: string | undefined
  body?: Buffer | undefined
}

/** Takes a request apart. Throws 400 where it cannot be read. */
export function readRequest({ method, url, contentType = '', accept = '', body }: WrittenRequest): RequestAsRead {
  const { pathname, searchParams: query } = locationOf(url)
  const mediaType = contentType.split(';')[0]?.trim() ?? ''
  return {
    method,
    path: decodePath(pathname),
    query,
    contentType: mediaType,
    accept,
    body: body && parseBody(body, mediaType),
  }
}

function locationOf(url: string): URL {
  try {
    return new URL(url, 'http://sandbox')
  } catch {
    throw badRequest(`the path ${url} cannot be read`)
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw badRequest(`the path ${path} cannot be read`)
  }
}

function parseBody(body: Buffer, mediaType: string): unknown {
  if (body.length === 0) return undefined
  if (/protobuf|yaml|cbor/.test(mediaType)) return body.toString('utf8')
  const content = textOf(body)
  if (isTooDeep(content)) throw tooDeep()
  try {
    return parseJson(content)
  } catch (error) {
    throw badRequest(`the body of the request is no JSON: ${(error as Error).message}`)
  }
}

/** Throws 400 where it is no UTF-8: to put something in its place would store what nobody has sent. */
function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw badRequest('the body of the request is no UTF-8')
  }
}
