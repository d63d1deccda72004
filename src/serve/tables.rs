//! `POST /api/tables`: reads the tables on photos of sheets.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::asking::{Answers, ask};
use super::job::Wanted;
use super::problem::Problem;
use super::service::Service;
use super::tables_query::{Form, TablesQuery};
use super::uploads;
use crate::recognizer::prepare_sheet;
use crate::table::{Checked, CsvForm, Sheet};

/// The media type of CSV whose first record holds no names.
const CSV: &str = "text/csv; charset=utf-8; header=absent";

pub(super) async fn read(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let query = TablesQuery::new(query.as_deref().unwrap_or_default(), &headers);
    let query = query.map_err(|detail| Problem::new(StatusCode::BAD_REQUEST, detail))?;
    let uploads = uploads::read(request, &service).await?;
    let signs = query.signs;
    let wanted = move |requester| Wanted::Tables(signs, requester);
    let sheets = ask(&service, uploads, prepare_sheet, wanted).await?;
    // Rules may take a while.
    let answered = tokio::task::spawn_blocking(move || answer(sheets, &query)).await;
    answered.map_err(|_| Problem::fault("applying the rules failed"))?
}

fn answer(sheets: Answers<Sheet>, query: &TablesQuery) -> Result<Response, Problem> {
    let checked = sheets.map(|sheet| Checked::new(sheet, &query.rules));
    if let Some(rule) = unused(&checked, query) {
        let detail = format!("the rule '{rule}' names a column or row that no table has");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    match query.form {
        Form::Json => {
            let json = checked.into_json(|checked, file| checked.to_json(file))?;
            Ok(json.into_response())
        }
        Form::Csv(form) => csv(checked, form),
    }
}

/// A rule that fits no table, where there is any.
fn unused<'a>(checked: &Answers<Checked>, query: &'a TablesQuery) -> Option<&'a str> {
    let tables = || checked.seen().flat_map(|checked| &checked.sheet.tables);
    tables().next()?;
    let fitting: Vec<Vec<bool>> = tables().map(|table| query.rules.fit(table)).collect();
    let mut rules = query.rules.texts().enumerate();
    let (_, rule) = rules.find(|(at, _)| !fitting.iter().any(|fits| fits[*at]))?;
    Some(rule)
}

fn csv(checked: Answers<Checked>, form: CsvForm) -> Result<Response, Problem> {
    let several = || {
        let detail = "CSV has no room for several pictures: send one, or take the JSON";
        Problem::new(StatusCode::BAD_REQUEST, detail)
    };
    let checked = checked.only().ok_or_else(several)??;
    if checked.sheet.tables.is_empty() {
        let detail = "there is no table in the picture; the sheet should fill most of it, and its digits be sharp";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let csv = form.of(&checked, true);
    let csv = csv.map_err(|failure| Problem::fault(format!("{failure:#}")))?;
    Ok(([(header::CONTENT_TYPE, CSV)], csv).into_response())
}

#[cfg(test)]
mod tests;
