//! The files that are printed from the tables of settings.

mod java;
mod markdown;
mod table;
mod wrap;

use venice_server::internals::config::Section;

const JAVA: &str = "java/src/main/java/com/linkedin/venice/rust";

/// Each file with its text.
pub(crate) fn files(sections: &[Section]) -> Vec<(String, String)> {
    let java = |class: &str| format!("{JAVA}/{class}.java");
    vec![
        ("docs/settings.md".to_owned(), markdown::document(sections)),
        (
            "tests/settings/settings.tsv".to_owned(),
            table::table(sections),
        ),
        (java("ReadServerSetting"), java::settings(sections)),
        (java("SettingGetters"), java::getters(sections)),
        (java("SettingSetters"), java::setters(sections)),
    ]
}
