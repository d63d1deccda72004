//! `mnist-tch form new`: the first FORM.json, from a picture of the empty form.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;

use crate::cli::report;
use crate::form::{self, Form};
use crate::picture::{self, decode};
use crate::plots::{self, Mark};

#[derive(Debug, Args)]
pub(in crate::cli) struct NewArgs {
    /// A picture of the empty form, seen from straight above: a scan, or what was printed.
    #[arg(value_name = "IMAGE")]
    picture: PathBuf,

    /// File for the form [default: the picture's name with .json]
    #[arg(long, short, value_name = "FORM.json")]
    out: Option<PathBuf>,

    /// Replace a form that exists.
    #[arg(long)]
    force: bool,

    /// Also draw the fields that were found into a copy of the picture, of at most 1000 pixels.
    #[arg(long, value_name = "OUT.png")]
    annotate: Option<PathBuf>,
}

pub(super) fn run(args: &NewArgs) -> Result<()> {
    let path = &args.picture;
    let looking = || format!("looking for boxes in {}", path.display());
    ensure!(
        !path.is_dir(),
        "{}: it is a folder; name a picture in it",
        looking()
    );
    let upright = picture::load(path)
        .and_then(|bytes| decode(&bytes))
        .with_context(looking)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| path.with_extension("json"));
    ensure!(
        args.force || !out.exists(),
        "{} exists: name another file with --out, or replace it with --force",
        out.display()
    );
    let name = path.file_stem().unwrap_or(OsStr::new("form"));
    let name = name.to_string_lossy().into_owned();
    let form = Form::found(name, reference(path, &out)?, &upright).with_context(looking)?;
    form.save(&out)?;
    if let Some(annotated) = &args.annotate {
        let mark = |field: &form::Field| Mark {
            area: field.area,
            text: field.name.clone(),
            is_read: true,
        };
        let marks: Vec<Mark> = form
            .reduced(upright.scale)
            .fields
            .iter()
            .map(mark)
            .collect();
        plots::save(&plots::annotated(&upright.colour, &marks)?, annotated)?;
    }
    for field in &form.fields {
        report::text(&format!(
            "{}\t{}\t{}\n",
            field.name,
            field.kind,
            json!(field.area)
        ))?;
    }
    report::note(&format!(
        "wrote {} with {} fields: name them and set their types there, then read filled forms with `mnist-tch infer \
         --form {} IMAGE...`",
        out.display(),
        form.fields.len(),
        out.display()
    ));
    Ok(())
}

/// The picture's path as it is written into a form: relative to the form's folder if it lies there.
fn reference(picture: &Path, form: &Path) -> Result<PathBuf> {
    let whole = |path: &Path| std::path::absolute(path).context("finding the current folder");
    let (picture, form) = (whole(picture)?, whole(form)?);
    let folder = form.parent().unwrap_or(Path::new(""));
    Ok(picture
        .strip_prefix(folder)
        .map_or(picture.clone(), Path::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_beside_its_form_is_named_alone() {
        let named = |picture: &str, form: &str| {
            let named = reference(Path::new(picture), Path::new(form)).unwrap();
            named.to_string_lossy().into_owned()
        };
        assert_eq!(named("/a/card.png", "/a/card.json"), "card.png");
        assert_eq!(named("/a/b/card.png", "/a/card.json"), "b/card.png");
        assert_eq!(named("/b/card.png", "/a/card.json"), "/b/card.png");
    }
}
