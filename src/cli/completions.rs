//! `mnist-tch completions`: a script that lets a shell complete this program's arguments and the names
//! of trained networks.

use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;

use super::report;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, mut command: Command) -> Result<()> {
    let mut script = vec![];
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let script = String::from_utf8(script)?;
    report::text(&match args.shell {
        Shell::Bash => script + BASH,
        Shell::Fish => script + FISH,
        Shell::Zsh => zsh(&script),
        _ => script,
    })
}

/// Completes `--model` of the commands that take a trained network, and the argument of `summary`.
const BASH: &str = r#"
_mnist-tch-trained() {
    _mnist-tch "$@"
    case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in
        "infer --model" | "serve --model" | "eval --model" | "export --model" | "summary summary")
            COMPREPLY+=($(compgen -W "builtin latest $(echo runs/*/)" -- "${COMP_WORDS[COMP_CWORD]}"))
            ;;
    esac
}
complete -F _mnist-tch-trained -o bashdefault -o default mnist-tch
"#;

const FISH: &str = r#"
complete -c mnist-tch -n "__fish_seen_subcommand_from infer serve eval export" -l model -a "builtin latest (echo runs/*/ | string split ' ')" -r
complete -c mnist-tch -n "__fish_seen_subcommand_from summary" -a "builtin latest (echo runs/*/ | string split ' ')"
"#;

const ZSH: &str = r#"
_mnist-tch_trained() {
    _alternative 'names:trained network:(builtin latest)' 'runs:run:compadd -- runs/*(N/)' 'files:file:_files'
}
"#;

/// The value name is the same wherever a trained network is named.
fn zsh(script: &str) -> String {
    let named = "builtin|latest|RUN|FILE:";
    let script = script.replace(
        &format!("{named}_default"),
        &format!("{named}_mnist-tch_trained"),
    );
    match script.split_once('\n') {
        // The first line names the command that the script completes.
        Some((first, rest)) => format!("{first}\n{ZSH}{rest}"),
        None => script,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zsh_completes_trained_networks_wherever_one_is_named() {
        let script = "#compdef mnist-tch\n'--model=[…]:builtin|latest|RUN|FILE:_default' \\\n";
        let completed = zsh(script);
        assert!(completed.starts_with("#compdef mnist-tch\n\n_mnist-tch_trained() {"));
        assert!(completed.contains(":builtin|latest|RUN|FILE:_mnist-tch_trained' \\"));
    }
}
