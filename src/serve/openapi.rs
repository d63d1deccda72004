//! The description of the API, for people and client generators.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::version::VERSION;

const DESCRIPTION: &str = include_str!("openapi.json");

/// What `infer --table --json` prints, which `/api/tables` answers too.
const TABLES: &str = include_str!("../../docs/tables.schema.json");

/// What `form new` writes, which `/api/form` answers too.
const FORM: &str = include_str!("../../docs/form.schema.json");

/// The description in OpenAPI 3.1, with the version of the program, and the schemas of tables and forms.
///
/// # Errors
/// When this build's copy is invalid.
pub(super) fn description() -> Result<Value> {
    let mut description: Value = serde_json::from_str(DESCRIPTION)?;
    description["info"]["version"] = json!(VERSION);
    let tables = TABLES.replace("#/$defs/", "#/components/schemas/");
    let mut tables: Value = serde_json::from_str(&tables)?;
    let tables = tables["$defs"].as_object_mut().context("no definitions")?;
    // A file that cannot be read is a problem here.
    tables.remove("failure");
    let schemas = description["components"]["schemas"].as_object_mut();
    let schemas = schemas.context("no schemas")?;
    schemas.append(tables);
    let mut form: Value = serde_json::from_str(FORM)?;
    form.as_object_mut().context("no schema")?.remove("$schema");
    schemas.insert("form".to_owned(), form);
    Ok(description)
}
