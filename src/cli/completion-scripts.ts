/** For each shell, what makes it ask `juicify __complete`. */
export const COMPLETION_SCRIPTS = {
  bash: `# juicify for bash. Try it:  source <(juicify completion bash)
# Keep it:  juicify completion bash >~/.local/share/bash-completion/completions/juicify
_juicify() {
  local line directive=0
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if ((directive == 0)); then
    compopt -o filenames 2>/dev/null
    local current=\${COMP_WORDS[COMP_CWORD]}
    [[ $current == = ]] && current=
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
  fi
}
complete -F _juicify juicify
`,
  zsh: `#compdef juicify
# juicify for zsh. Try it:  source <(juicify completion zsh)
# Keep it:  juicify completion zsh >"\${fpath[1]}/_juicify"
_juicify() {
  local -a lines values
  local line directive=0 tab=$'\\t'
  lines=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    if [[ $line == :* ]]; then directive=\${line#:}
    elif [[ -n $line ]]; then
      line=\${line//:/\\\\:}
      values+=("\${line/$tab/:}")
    fi
  done
  (( \${#values} )) && _describe juicify values
  if (( directive == 0 )); then
    [[ $PREFIX == -*=* ]] && compset -P '*='
    _files
  fi
}
if [[ \${funcstack[1]} == _juicify ]]; then _juicify "$@"; else compdef _juicify juicify; fi
`,
  fish: `# juicify for fish. Try it:  juicify completion fish | source
# Keep it:  juicify completion fish >~/.config/fish/completions/juicify.fish
function __juicify_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l flag (string match -r -- '^-[^=]*=' "$current")
  for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':0'
        for file in (__fish_complete_path (string sub -s (math (string length -- "$flag") + 1) -- "$current"))
          echo "$flag$file"
        end
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c juicify -f -a '(__juicify_complete)'
`,
  kubectl: `#!/bin/sh
# kubectl juicify, for kubectl 1.26 and later. Save it as kubectl_complete-juicify on the PATH, and make it executable:
#   juicify completion kubectl >/usr/local/bin/kubectl_complete-juicify && chmod +x /usr/local/bin/kubectl_complete-juicify
exec kubectl-juicify __complete "$@"
`,
} as const
