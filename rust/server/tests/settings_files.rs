//! What documents and Java say of settings is what the tables of `src/config` say.
//!
//! To print the files anew after a change of a table: `./bazelw run //rust/server:settings_files_test`, or
//! `PRINT_SETTINGS=1 cargo test --workspace --test settings_files`.

mod kept_files;
mod printed;

use std::fs;

use venice_server::internals::config::Kind;
use venice_server::sections;

const PRINT: &str = "PRINT_SETTINGS";

#[test]
fn the_files_are_those_of_the_tables() {
    let differ = kept_files::differ(PRINT, printed::files(&sections()));
    assert!(
        differ.is_empty(),
        "{differ:?} are not what the tables of rust/server/src/config say: run \
         `./bazelw run //rust/server:settings_files_test`"
    );
}

#[test]
fn every_row_is_in_every_file() {
    let all = printed::files(&sections());
    for index in 0..sections().len() {
        let mut fewer = sections();
        let name = fewer[index].settings.remove(0).spec.name;
        for ((file, all), (_, fewer)) in all.iter().zip(printed::files(&fewer)) {
            assert!(all.contains(name), "{file} does not tell of {name}");
            assert!(
                all.len() > fewer.len(),
                "{file} tells the same without {name}"
            );
        }
    }
}

/// Whether code reads a field, or calls the method of its name.
fn reads(code: &str, field: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let ends = |rest: &str| !rest.starts_with(goes_on);
    code.split('.')
        .any(|member| member.strip_prefix(field).is_some_and(ends))
}

#[test]
fn every_setting_acts_where_its_row_says() {
    let src = kept_files::root(PRINT).0.join("rust/server/src");
    let mut wrong = Vec::new();
    for row in sections().iter().flat_map(|section| &section.settings) {
        let code = fs::read_to_string(src.join(row.acts_in)).unwrap_or_default();
        if !reads(&code, row.field) {
            let (name, file, field) = (row.spec.name, row.acts_in, row.field);
            wrong.push(format!("{name}: {file} does not read the field {field}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_setting_that_may_be_0_says_what_0_means() {
    for row in sections().iter().flat_map(|section| &section.settings) {
        let may_be_0 = matches!(row.spec.kind, Kind::Number { min: 0, .. });
        let says_it = row.text.contains("0 means ");
        assert_eq!(says_it, may_be_0, "{}: {}", row.spec.name, row.text);
    }
}
