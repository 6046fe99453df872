interface Platform {
  selector: { matchLabels: { os: string; arch: string } }
  uri: string
  sha256: string
  bin: string
  files: { from: string; to: string }[]
}

/** The manifest of a krew plugin. Throws where an archive is none of juicify's. */
export function krewManifest(
  pack: { version: string; description: string },
  archives: { name: string; bytes: Uint8Array }[],
  baseUrl: string,
): {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec: {
    version: string
    homepage: string
    shortDescription: string
    description: string
    caveats: string
    platforms: Platform[]
  }
}
