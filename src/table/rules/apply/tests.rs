use crate::table::samples::{cell, refused, sure, table};
use crate::table::{Answer, Cell, Outcome, Rules, Table};

fn apply(rules: &[&str], table: &Table) -> Vec<Answer> {
    Rules::parse(rules.iter().copied()).unwrap().apply(table)
}

fn texts(answers: &[Answer]) -> Vec<&str> {
    answers.iter().map(|answer| answer.text.as_str()).collect()
}

fn outcomes(answers: &[Answer]) -> Vec<Outcome> {
    answers.iter().map(|answer| answer.outcome).collect()
}

/// A digit that may be either.
fn either(first: char, second: char) -> Cell {
    cell(&[&[(first, 0.6), (second, 0.4)]])
}

use Outcome::{Corrected, Kept, Unchecked, Violated};

#[test]
fn the_next_reading_that_satisfies_all_rules_is_taken() {
    let numbers = table(
        2,
        vec![either('9', '4'), either('9', '4'), sure("9"), sure("4")],
    );
    let answers = apply(&["1: 0..5", "1: one of 4 5"], &numbers);
    assert_eq!(texts(&answers), ["4", "9", "9", "4"]);
    assert_eq!(
        outcomes(&answers),
        [Corrected, Unchecked, Violated, Unchecked]
    );
    assert_eq!(answers[0].broken, ["1: 0..5", "1: one of 4 5"]);
    // As the network sees it, so that it stays doubtful.
    assert_eq!(answers[0].confidence, 0.4);
    assert_eq!(answers[2].confidence, 0.99);
}

#[test]
fn a_check_digit_decides_between_readings() {
    let card = |last: Cell| {
        let mut card = sure("79927398713");
        card.symbols.pop();
        card.symbols.extend(last.symbols);
        table(1, vec![card])
    };
    let answers = apply(&["*: luhn"], &card(either('8', '3')));
    assert_eq!(
        (texts(&answers), outcomes(&answers)),
        (vec!["79927398713"], vec![Corrected])
    );
    let answers = apply(&["*: luhn"], &card(either('3', '8')));
    assert_eq!(outcomes(&answers), [Kept]);
    // The right digit was ruled out by the network.
    let answers = apply(&["*: luhn"], &card(cell(&[&[('8', 0.991), ('3', 0.009)]])));
    assert_eq!(
        (texts(&answers), outcomes(&answers)),
        (vec!["79927398718"], vec![Violated])
    );
}

#[test]
fn empty_cells_and_words_satisfy_all_rules() {
    let words = Cell {
        has_unread: true,
        ..cell(&[])
    };
    let answers = apply(
        &["*: digits 4", "total: sum"],
        &table(1, vec![words, cell(&[])]),
    );
    assert_eq!(outcomes(&answers), [Unchecked, Unchecked]);
    assert_eq!(answers[0].confidence, 0.0);
}

#[test]
fn a_refused_digit_is_filled_in_where_the_rules_leave_little_choice() {
    let unsure = || refused(&[&[('2', 1.0)], &[('4', 0.4), ('9', 0.35)]]);
    let read = |rule: &str| {
        let answers = apply(&[rule], &table(1, vec![unsure()]));
        (answers[0].text.clone(), answers[0].outcome)
    };
    assert_eq!(read("1: 25..30"), ("29".to_owned(), Corrected));
    assert_eq!(read("1: digits 2"), ("2?".to_owned(), Kept));
    // 0.4 of 0.75.
    assert_eq!(read("1: 0..30"), ("24".to_owned(), Corrected));
    let three = refused(&[&[('4', 0.3), ('9', 0.25), ('7', 0.2)]]);
    let answers = apply(&["1: 0..30"], &table(1, vec![three]));
    assert_eq!(
        (texts(&answers), outcomes(&answers)),
        (vec!["?"], vec![Violated])
    );
}

#[test]
fn a_sum_corrects_what_is_added_and_the_total() {
    let column = vec![sure("12"), either('1', '7'), sure("3"), sure("22")];
    let answers = apply(&["total: sum"], &table(1, column.clone()));
    assert_eq!(texts(&answers), ["12", "7", "3", "22"]);
    assert_eq!(outcomes(&answers), [Kept, Corrected, Kept, Kept]);
    assert_eq!(answers[1].broken, ["total: sum"]);
    let total = [
        &column[..3],
        &[refused(&[&[('1', 1.0)], &[('9', 0.45), ('6', 0.4)]])],
    ]
    .concat();
    let answers = apply(&["total: sum"], &table(1, total));
    assert_eq!(
        (answers[3].text.as_str(), answers[3].outcome),
        ("16", Corrected)
    );
    let wrong = [&column[..3], &[sure("99")]].concat();
    let answers = apply(&["total: sum"], &table(1, wrong));
    assert_eq!(texts(&answers), ["12", "1", "3", "99"]);
    assert_eq!(
        outcomes(&answers),
        [Unchecked, Unchecked, Unchecked, Violated]
    );
    assert_eq!(answers[3].broken, ["total: sum"]);
}

#[test]
fn a_sum_obeys_the_checks_of_its_column_but_the_total_does_not() {
    // 7 + 3 as well as 1 + 9 are 10; the column has no 9.
    let column = vec![either('1', '7'), either('3', '9'), sure("10")];
    let answers = apply(&["total: sum", "1: 0..8"], &table(1, column));
    assert_eq!(texts(&answers), ["7", "3", "10"]);
    assert_eq!(outcomes(&answers), [Corrected, Kept, Kept]);
}

#[test]
fn cells_of_a_sum_that_holds_are_not_changed_for_another() {
    let cells = vec![
        either('1', '7'),
        sure("2"),
        sure("3"),
        sure("4"),
        either('5', '6'),
        sure("10"),
        sure("5"),
        sure("8"),
        sure("13"),
    ];
    let rules = [
        "row last = sum of rows above",
        "column last = sum of columns before",
    ];
    let answers = apply(&rules, &table(3, cells));
    assert_eq!(
        texts(&answers),
        ["1", "2", "3", "4", "6", "10", "5", "8", "13"]
    );
    assert_eq!(answers[4].outcome, Corrected);
    assert!(answers.iter().all(|answer| answer.outcome != Violated));
}

#[test]
fn rules_fit_tables_that_have_their_columns() {
    let rules = Rules::parse(["3: luhn", "last: luhn", "row 5 = sum of rows above"]).unwrap();
    assert_eq!(
        rules.fit(&table(2, vec![sure("1"); 4])),
        [false, true, false]
    );
    assert_eq!(
        rules.fit(&table(3, vec![sure("1"); 15])),
        [true, true, true]
    );
    let said = format!("{:#}", Rules::parse(["1: luhn", "1: lun"]).unwrap_err());
    assert!(
        said.starts_with("the rule '1: lun' is not understood: expected"),
        "{said}"
    );
}

#[test]
fn large_tables_are_checked_in_bounded_work() {
    let doubtful = either('1', '7');
    let mut cells = vec![doubtful; 40_000];
    cells[39_999] = sure("777");
    let answers = apply(&["*: one of 7", "total: sum"], &table(1, cells));
    assert_eq!(answers.len(), 40_000);
    assert_eq!(answers[39_999].outcome, Violated);
    assert!(answers[..39_999].iter().all(|answer| answer.text == "7"));
}
