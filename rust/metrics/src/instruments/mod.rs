//! The list of all metrics, in one table: `docs/metrics.md` is made of it, and exporters read it.

mod description;
mod table;

pub use description::{Description, Java, Kind, Unit};
pub use table::Instrument;

impl Instrument {
    /// Its line of the table.
    pub fn describe(self) -> &'static Description {
        &table::TABLE[self as usize]
    }

    /// What the values are.
    pub fn kind(self) -> Kind {
        self.describe().kind
    }

    /// The unit of the values.
    pub fn unit(self) -> Unit {
        self.describe().unit
    }

    /// The name with the prefix of a process: `venice.<prefix>.<name>`. gRPC's own names are whole.
    pub fn full_name(self, prefix: &str) -> String {
        let name = self.describe().name;
        if name.starts_with("grpc.") {
            name.to_owned()
        } else {
            format!("venice.{prefix}.{name}")
        }
    }

    /// The instrument of a name without prefix.
    pub fn named(name: &str) -> Option<Instrument> {
        let mut all = Instrument::ALL.iter().copied();
        all.find(|instrument| instrument.describe().name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::dimensions::Dimension;

    #[test]
    fn names_are_unique_and_as_open_telemetry_wants_them() {
        let mut names = HashSet::new();
        for instrument in Instrument::ALL {
            let name = instrument.describe().name;
            assert!(names.insert(name), "{name} comes twice");
            assert_eq!(Instrument::named(name), Some(*instrument));
            let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
            assert!(name.chars().all(valid), "{name}");
        }
    }

    #[test]
    fn dimensions_come_once_and_texts_are_sentences() {
        for instrument in Instrument::ALL {
            let Description {
                name,
                dimensions,
                about,
                ..
            } = instrument.describe();
            let unique: HashSet<_> = dimensions.iter().collect();
            assert_eq!(unique.len(), dimensions.len(), "{name}");
            assert!(!dimensions.contains(&Dimension::Overflow), "{name}");
            assert!(about.ends_with('.') && about.len() > 10, "{name}: {about}");
        }
    }

    #[test]
    fn names_get_the_prefix_unless_they_are_grpcs() {
        assert_eq!(
            Instrument::ReadCallTime.full_name("server"),
            "venice.server.read.call_time"
        );
        let started = Instrument::GrpcServerCallStarted;
        assert_eq!(started.full_name("server"), "grpc.server.call.started");
        assert_eq!(started.unit().ucum(), "{call}");
    }
}
