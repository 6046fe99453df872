import { isApiError } from './errors.ts'

/** Stands for what we may not read. */
export const FORBIDDEN = Symbol('forbidden')

/** The answer, or `otherwise` where we may not have it. Throws what else goes wrong. */
export async function unlessForbidden<T, U>(answer: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await answer
  } catch (error) {
    if (isApiError(error, 403)) return otherwise
    throw error
  }
}
