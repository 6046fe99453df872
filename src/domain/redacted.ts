/** What stands in the place of a password. */
const HIDDEN = '***'

// A password may hold anything but white space, / # % and @ too. So up to the last @ of a word all is taken for it:
// rather too much is hidden than a part of one shown.
const RULES: [RegExp, string][] = [
  // redis://:password@host, mysql://user:password@(host:3306)/db
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):\S*@/gi, `$1:${HIDDEN}@`],
  // a password that has an / before its @ is no longer in the part that the rule above expects, where there is no user
  [/\b([a-z][a-z0-9+.-]*:\/\/):\S*/gi, `$1:${HIDDEN}`],
  // what is left of one that was cut at its # or %: no port looks like that; Chinese goes on after one without a space
  [
    /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/"'[\]]+):(?!\d{1,5}(?:[.:;](?=\s|$)|(?![^\s/?#,"')\]：，。；、（）])))[^\s"']+/gi,
    `$1:${HIDDEN}`,
  ],
  // the same without its scheme, as the MySQL driver has it
  [/([^\s:@/"'(]*):\S*@((?:tcp|unix)?\()/gi, `$1:${HIDDEN}@$2`],
  // in a query, in a DSN, in an environment
  [
    /((?:pass(?:word|wd)?|pwd|secret(?:[-_]?key)?|access[-_]?key|token|sasl[-_]?pass\w*)["']?\s*[=]\s*)[^\s&;"']+/gi,
    `$1${HIDDEN}`,
  ],
  // Go names the very part of an address that it cannot read
  [/\b(invalid (?:port|userinfo|URL escape|character|host)[^"\n]{0,20})"(?:[^"\\]|\\.)*"/g, `$1"${HIDDEN}"`],
]

/**
 * A text of another program's without the passwords of the addresses in it: what a mover, a mount or the driver says of a
 * metadata engine may hold all of its address.
 */
export function withoutPasswords(text: string): string {
  return RULES.reduce((found, [pattern, instead]) => found.replace(pattern, instead), text)
}
