//! Members of JSON objects, taken one by one, with the place of each for errors.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use venice_wire::echoed::Echoed;

/// What is wrong, with its place.
pub(super) type Problem = String;

/// An object whose members are taken out. [`Members::finish`] refuses those that nobody took.
pub(super) struct Members {
    /// Where it is; empty for the description itself.
    place: String,
    members: Map<String, Value>,
    known: Vec<&'static str>,
}

/// A value, and where it is.
pub(super) struct Placed {
    pub(super) place: String,
    pub(super) value: Value,
}

impl Members {
    pub(super) fn of(placed: Placed) -> Result<Self, Problem> {
        let Placed { place, value } = placed;
        match value {
            Value::Object(members) => Ok(Self {
                place,
                members,
                known: Vec::new(),
            }),
            value if place.is_empty() => {
                Err(format!("it is {}, and must be an object", shown(&value)))
            }
            value => Err(format!(
                "{place} is {}, and must be an object",
                shown(&value)
            )),
        }
    }

    /// A member that may be missing, or `null`, which is the same.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Placed> {
        self.known.push(name);
        let value = self.members.remove(name).filter(|value| !value.is_null())?;
        Some(Placed {
            place: self.place_of(name),
            value,
        })
    }

    pub(super) fn need(&mut self, name: &'static str, remedy: &str) -> Result<Placed, Problem> {
        self.take(name)
            .ok_or_else(|| format!("{} is missing; {remedy}", self.place_of(name)))
    }

    /// A whole number; `default` if it is missing.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        least: i32,
        most: i32,
        default: i32,
    ) -> Result<i32, Problem> {
        match self.take(name) {
            None => Ok(default),
            Some(placed) => placed.number(least, most),
        }
    }

    /// `true` or `false`; `false` if it is missing.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.take(name) {
            None => Ok(false),
            Some(Placed {
                value: Value::Bool(flag),
                ..
            }) => Ok(flag),
            Some(placed) => Err(placed.other("true or false")),
        }
    }

    /// Refuses what is left.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let Some(unknown) = self.members.keys().next() else {
            return Ok(());
        };
        let nearest = self.known.iter().min_by_key(|name| distance(unknown, name));
        let mut problem = format!("{:?} is no member", Echoed::new(unknown));
        if !self.place.is_empty() {
            let _ = write!(problem, " of {}", self.place);
        }
        match nearest {
            Some(name) if distance(unknown, name) <= name.len() / 2 => {
                let _ = write!(problem, "; the nearest is {name:?}");
            }
            _ => {
                let _ = write!(problem, "; there are {}", self.known.join(", "));
            }
        }
        Err(problem)
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() {
            return name.to_owned();
        }
        format!("{}.{name}", self.place)
    }
}

impl Placed {
    pub(super) fn number(self, least: i32, most: i32) -> Result<i32, Problem> {
        let number = self.value.as_i64().and_then(|n| i32::try_from(n).ok());
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(self.other(&format!("a whole number from {least} to {most}"))),
        }
    }

    /// A text of at most `most` bytes.
    pub(super) fn text(self, most: usize) -> Result<String, Problem> {
        match self.value {
            Value::String(text) if text.len() <= most => Ok(text),
            Value::String(text) => Err(format!(
                "{} is {:?} with {} bytes, and may have {most}; give a shorter one",
                self.place,
                Echoed::new(&text),
                text.len()
            )),
            _ => Err(self.other("a text")),
        }
    }

    /// The entries of an object that is a map, at most `most`, each with its place.
    pub(super) fn entries(
        self,
        most: usize,
    ) -> Result<impl Iterator<Item = (String, Placed)>, Problem> {
        let Value::Object(entries) = self.value else {
            return Err(self.other("an object"));
        };
        check_count(&self.place, entries.len(), most)?;
        let place = self.place;
        Ok(entries.into_iter().map(move |(name, value)| {
            let place = format!("{place}[{:?}]", Echoed::new(&name));
            (name, Placed { place, value })
        }))
    }

    /// The items of an array, at most `most`, each with its place.
    pub(super) fn items(self, most: usize) -> Result<impl Iterator<Item = Placed>, Problem> {
        let Value::Array(items) = self.value else {
            return Err(self.other("an array"));
        };
        check_count(&self.place, items.len(), most)?;
        let place = self.place;
        let placed = items.into_iter().enumerate();
        Ok(placed.map(move |(index, value)| Placed {
            place: format!("{place}[{index}]"),
            value,
        }))
    }

    /// That the value is none of what it must be.
    pub(super) fn other(&self, must: &str) -> Problem {
        format!(
            "{} is {}, and must be {must}",
            self.place,
            shown(&self.value)
        )
    }
}

/// The number that an entry of a map stands at.
pub(super) fn number_of(
    name: &str,
    placed: &Placed,
    least: i32,
    most: i32,
) -> Result<i32, Problem> {
    // Without a sign, and without zeros in front, so that no two names are one number.
    let number = name.parse::<i32>().ok();
    match number.filter(|number| number.to_string() == name) {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!(
            "{} must stand at a whole number from {least} to {most}",
            placed.place
        )),
    }
}

fn check_count(place: &str, count: usize, most: usize) -> Result<(), Problem> {
    if count <= most {
        return Ok(());
    }
    Err(format!(
        "{place} has {count} entries, and may have {most}; leave out what clients do not need"
    ))
}

/// A value as errors show it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
        Value::String(text) => format!("{:?}", Echoed::new(text)),
        other => Echoed::new(&other.to_string()).to_string(),
    }
}

/// How many letters have to be changed, put in or taken out; of long texts only their beginnings.
fn distance(one: &str, other: &str) -> usize {
    const LETTERS: usize = 64;
    let other: Vec<char> = other.chars().take(LETTERS).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(LETTERS).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("partitonCount", "partitionCount"), 1);
        assert_eq!(distance("PartitionCount", "partitionCount"), 0);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
