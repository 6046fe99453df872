// Takes the place of the package string-width in the bundle. That one compiles a regular expression of all emoji when
// it is loaded, which is most of what `juicify --help` would take; help texts and our tables hold none of the sequences
// it is for. Like it, this counts the columns of a terminal: wide East Asian characters and emoji as 2, combining
// marks and ANSI escape sequences as 0.
import { stripVTControlCharacters } from 'node:util'
import { eastAsianWidth } from 'get-east-asian-width'

/**
 * @param {unknown} text
 * @returns {number}
 */
export default function stringWidth(text) {
  if (typeof text !== 'string') return 0
  if (isPrintableAscii(text)) return text.length
  const visible = stripVTControlCharacters(text)
  if (isPrintableAscii(visible)) return visible.length
  let width = 0
  for (const character of visible) width += isInvisible(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0)
  return width
}

function isPrintableAscii(text) {
  return /^[\x20-\x7e]*$/.test(text)
}

function isInvisible(character) {
  return /[\p{Control}\p{Mark}\p{Default_Ignorable_Code_Point}]/u.test(character)
}
