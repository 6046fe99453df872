import { plain } from '../../domain/text.ts'

/** HTML or SVG: it is made by `element`, in which every text is escaped, and of nothing else. */
export class Markup {
  readonly source: string

  private constructor(source: string) {
    this.source = source
  }

  static element(name: string, attributes: Attributes, ...children: Child[]): Markup {
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
    const inTag = given.map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join('')
    const content = Markup.join(children).source
    return new Markup(VOID.has(name) ? `<${name}${inTag}>` : `<${name}${inTag}>${content}</${name}>`)
  }

  static join(children: Child[]): Markup {
    return new Markup(children.flat().map(sourceOf).join(''))
  }

  /** What another program has made, and escaped itself. */
  static trusted(source: string): Markup {
    return new Markup(source)
  }
}

export type Attributes = Record<string, string | number | undefined>
/** A text, which is escaped, or what is markup already. */
export type Child = string | Markup | (string | Markup)[]

export const element = Markup.element

const VOID = new Set(['meta', 'br', 'hr'])

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function sourceOf(child: string | Markup): string {
  return typeof child === 'string' ? escaped(child) : child.source
}

function escaped(text: string): string {
  return text
    .split('\n')
    .map(plain)
    .join('\n')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
