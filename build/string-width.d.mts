/** The columns that a text takes on a terminal: wide characters 2, combining marks and ANSI escape sequences none. */
export default function stringWidth(text: unknown): number
