//! Files that are written conform to the schemas in `docs`.

use std::fs;

use serde_json::{Map, Value, json};

/// Why a value is not as a schema in `docs` describes it; `part` is one of its definitions, or empty.
pub fn faults(schema: &str, part: &str, value: &Value) -> Vec<String> {
    let text = fs::read_to_string(format!("docs/{schema}")).expect("a schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    if !part.is_empty() {
        let definitions = schema["$defs"].take();
        schema = json!({ "$ref": format!("#/$defs/{part}"), "$defs": definitions });
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[track_caller]
pub fn assert_conforms(schema: &str, part: &str, value: &Value) {
    let faults = faults(schema, part, value);
    assert!(faults.is_empty(), "{schema} {part}: {faults:?}");
}

/// The records of a file with a header, as objects by column.
pub fn objects(text: &str, delimiter: u8) -> Value {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let object = |record: csv::StringRecord| -> Map<String, Value> {
        let fields = header.iter().zip(&record);
        fields
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect()
    };
    let records = reader
        .records()
        .map(|record| object(record.expect("a record")));
    records.map(Value::from).collect()
}

/// The records of a file without a header, which all have as many fields.
pub fn lists(text: &str) -> Value {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let list = |record: csv::StringRecord| record.iter().map(Value::from).collect::<Value>();
    let records = reader
        .records()
        .map(|record| list(record.expect("a record")));
    records.collect()
}

#[test]
fn schemas_refuse_what_is_not_as_they_describe_it() {
    for (part, wrong) in [
        ("tables", json!([["1", "a"]])),
        ("tables", json!([[]])),
        ("review", json!([{ "file": "a.jpg", "table": "0" }])),
        (
            "forms",
            json!([{ "file": "a.jpg", "meter": "12a", "doubtful": "", "problem": "", "error": "" }]),
        ),
        (
            "corrections",
            json!([{ "file": "../a.png", "label": "1", "kind": "cell", "source": "serve", "read": "" }]),
        ),
    ] {
        assert!(
            !faults("csv.schema.json", part, &wrong).is_empty(),
            "{wrong}"
        );
    }
    let wrong = json!({ "file": "a.jpg", "form": "card", "similarity": 2, "fields": [] });
    assert!(!faults("form-record.schema.json", "", &wrong).is_empty());
}
