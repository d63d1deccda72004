//! `mnist-tch man`: the manual's pages, made from the one definition of the command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Arg, ArgAction, Args, Command};
use clap_mangen::Man;
use roff::{Inline, Roff, bold, italic, roman};

use super::arguments::make_folder;
use super::report;
use crate::storage::write_atomic;
use crate::version::VERSION;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder for mnist-tch.1, mnist-tch-train.1 and so on [default: the first of them on stdout]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Examples of each command.
const EXAMPLES: [(&str, &str, &str); 21] = [
    (
        "mnist-tch",
        "mnist-tch train",
        "Train a network on MNIST, which is fetched where it is missing.",
    ),
    (
        "mnist-tch",
        "mnist-tch infer five.png",
        "Read the digits in a picture.",
    ),
    (
        "train",
        "mnist-tch train --preset fast",
        "99 % of MNIST in seconds.",
    ),
    (
        "train",
        "mnist-tch train --ensemble 5 --out runs/five",
        "An ensemble of five networks.",
    ),
    (
        "train",
        "mnist-tch train --resume runs/five",
        "Resume an interrupted training.",
    ),
    (
        "train",
        "mnist-tch train --resume runs/one --epochs 40",
        "Extend a finished run.",
    ),
    (
        "sweep",
        "mnist-tch sweep --hidden 10,30,100 --seeds 5",
        "Accuracy against size.",
    ),
    (
        "eval",
        "mnist-tch eval --model latest --plot matrix.png",
        "Measure the last run.",
    ),
    (
        "infer",
        "mnist-tch infer --json 'scans/**/*.jpg'",
        "One JSON object for each picture.",
    ),
    (
        "infer",
        "find scans -name '*.png' -print0 | mnist-tch infer -0 -",
        "Read a list of pictures.",
    ),
    (
        "infer",
        "mnist-tch infer --table numbers.csv sheet.jpg",
        "The table on a sheet, for a spreadsheet.",
    ),
    (
        "infer",
        "mnist-tch infer - < five.png",
        "Read a picture on stdin.",
    ),
    (
        "serve",
        "mnist-tch serve --open",
        "Draw digits in a browser.",
    ),
    (
        "export",
        "mnist-tch export --model latest --out digits.onnx",
        "Export a network as ONNX.",
    ),
    (
        "import",
        "mnist-tch import weights.safetensors --model vgg",
        "Import weights from Python.",
    ),
    (
        "plot-samples",
        "mnist-tch plot-samples",
        "A sheet of training images.",
    ),
    (
        "plot-curves",
        "mnist-tch plot-curves runs/a runs/b",
        "Two runs in one plot.",
    ),
    (
        "summary",
        "mnist-tch summary latest",
        "The layers of the last run's network.",
    ),
    (
        "new",
        "mnist-tch form new card.png --annotate card-fields.png",
        "The form of an empty card, and a picture of the fields that were found.",
    ),
    ("bench", "mnist-tch bench", "How fast this machine is."),
    (
        "download",
        "mnist-tch download",
        "Fetch MNIST before going offline.",
    ),
];

const EXIT_STATUS: [(&str, &str); 4] = [
    ("0", "Success."),
    (
        "1",
        "Something failed, or at least one picture could not be read.",
    ),
    ("2", "The command line is invalid."),
    ("101", "An internal error: please report it."),
];

const INTERRUPTED: (&str, &str) = (
    "129, 130, 143",
    "SIGHUP, Ctrl-C or SIGTERM interrupted a training; its state is saved.",
);

const ENVIRONMENT: [(&str, &str); 4] = [
    (
        "MNIST_TCH_DATA",
        "Folder with MNIST's four files, like --data-dir.",
    ),
    (
        "MNIST_TCH_MATERIAL",
        "Folder with handwriting for scenes, like --material.",
    ),
    (
        "MNIST_TCH_ISA",
        "Instruction set of the program's own loops: baseline, avx2 or avx512; or libtorch, to use its operations instead.",
    ),
    ("LIBTORCH", "Where libtorch is, when the program is built."),
];

pub(super) fn run(args: &ManArgs, command: Command) -> Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.out else {
        return report::text(&String::from_utf8(page(&command, command.get_name())?)?);
    };
    make_folder(folder)?;
    let mut commands = vec![command];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        // `mnist-tch-train`, set by `Command::build`.
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = folder.join(format!("{name}.1"));
        write_atomic(&path, &page(&command, name)?)?;
        report::text(&format_args!("{}\n", path.display()))?;
    }
    Ok(())
}

/// The page of one command.
fn page(command: &Command, name: &str) -> Result<Vec<u8>> {
    let man = Man::new(command.clone()).source(format!("mnist-tch {VERSION}"));
    let mut page = vec![];
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis(command, name).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let trains = ["train", "sweep"].contains(&command.get_name());
    let status = EXIT_STATUS.iter().chain(trains.then_some(&INTERRUPTED));
    section("EXIT STATUS", status).to_writer(&mut page)?;
    section("ENVIRONMENT", ENVIRONMENT.iter()).to_writer(&mut page)?;
    examples(command.get_name()).to_writer(&mut page)?;
    Ok(page)
}

/// The command with all its arguments and their values.
fn synopsis(command: &Command, name: &str) -> Roff {
    let mut line = vec![bold(command.get_bin_name().unwrap_or(name))];
    let arguments = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set());
    let (positional, options): (Vec<_>, Vec<_>) =
        arguments.partition(|argument| argument.is_positional());
    for argument in options.into_iter().chain(positional) {
        let is_required = argument.is_required_set();
        line.push(roman(if is_required { " " } else { " [" }));
        line.extend(words(argument));
        line.push(roman(if is_required { "" } else { "]" }));
    }
    if command.has_subcommands() {
        line.extend([roman(" "), italic("COMMAND")]);
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]).text(line);
    roff
}

/// `--model NAME`, or `IMAGE...`.
fn words(argument: &Arg) -> Vec<Inline> {
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.first().map_or("", |name| name.as_str());
    let many = match argument.get_action() {
        ArgAction::Append => "...",
        _ => "",
    };
    match argument.get_long() {
        None => vec![italic(value), roman(many)],
        Some(long) if argument.get_action().takes_values() => {
            vec![bold(format!("--{long}")), roman(" "), italic(value)]
        }
        Some(long) => vec![bold(format!("--{long}"))],
    }
}

/// A section of terms with their meanings.
fn section<'a>(title: &str, terms: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (term, meaning) in terms {
        roff.control("TP", [])
            .text([bold(*term)])
            .text([roman(*meaning)]);
    }
    roff
}

fn examples(command: &str) -> Roff {
    let own = EXAMPLES.iter().filter(|(of, ..)| *of == command);
    let own: Vec<_> = own.map(|(_, typed, what)| (*typed, *what)).collect();
    match own[..] {
        [] => Roff::new(),
        [..] => section("EXAMPLES", own.iter()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[derive(Debug, clap::Parser)]
    #[command(name = "infer")]
    struct Infer {
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<PathBuf>,
        #[arg(long, value_name = "P")]
        min_confidence: Option<f64>,
        #[arg(long)]
        json: bool,
    }

    #[test]
    fn a_page_has_values_in_its_synopsis_and_every_section() {
        let page = page(
            &Infer::command().bin_name("mnist-tch infer"),
            "mnist-tch-infer",
        )
        .unwrap();
        let page = String::from_utf8(page).unwrap();
        let plain = page
            .replace("\\fB", "")
            .replace("\\fI", "")
            .replace("\\fR", "");
        assert!(
            plain.contains("mnist\\-tch infer [\\-\\-min\\-confidence P] [\\-\\-json]"),
            "{plain}"
        );
        assert!(plain.contains(" IMAGE..."), "{plain}");
        for section in ["EXIT STATUS", "ENVIRONMENT", "EXAMPLES"] {
            assert!(
                plain.contains(&format!(".SH \"{section}\""))
                    || plain.contains(&format!(".SH {section}")),
                "{plain}"
            );
        }
    }
}
